// What somebody who deploys should hear of, and would not look for.
const NO_TOPIC = 'The alarms of this stage notify nobody: name an SNS topic in the parameter alarmTopic.';

module.exports = class Notices {
  static NO_TOPIC = NO_TOPIC;

  constructor(serverless, _options, { log }) {
    this.hooks = {
      'after:deploy:deploy': () => {
        const { alarmTopic, stage } = serverless.service.custom.notices;
        if (alarmTopic === '' && stage !== 'local') log.warning(NO_TOPIC);
      },
    };
  }
};
