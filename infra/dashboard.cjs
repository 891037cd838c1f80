// The dashboard of a stage, from what callers notice down to what the functions do. The names in ${…} are
// filled in by CloudFormation (infra/service-level.yml).
/** What CloudFormation fills in. */
const ref = (name) => `\${${name}}`;
const STAGE = '<stage>';
const STACK = ['service', 'sluice', 'stage', STAGE];
const PERIOD = 300;

/** A row of the dashboard: 24 columns, shared by its widgets. */
const HEIGHT = 6;

const own = (name, options = {}) => ['Sluice', name, ...STACK, options];
const count = (name, options = {}) => own(name, { stat: 'Sum', ...options });
const queue = (name, queueName, options = {}) => ['AWS/SQS', name, 'QueueName', queueName, options];
const api = (name, options = {}) => [
  'AWS/ApiGateway',
  name,
  'ApiId',
  ref('HttpApi'),
  { stat: 'Sum', ...options },
];
const lambda = (name, fn, options = {}) => [
  'AWS/Lambda',
  name,
  'FunctionName',
  `sluice-${STAGE}-${fn}`,
  { stat: 'Sum', label: fn, ...options },
];
const math = (expression, label, id) => [{ expression, label, id }];
const hidden = (id) => ({ id, visible: false });

const WORKERS = [
  'verify-arrivals',
  'expire-requests',
  'publish-events',
  'fan-out-webhooks',
  'deliver-webhooks',
  'retry-webhooks',
  'authorize-call',
];
const DEAD_LETTERS = [
  'ArrivalsDeadLetterQueue',
  'EventDeadLetterQueue',
  'EventBatchFailureQueue',
  'WebhookEventsDeadLetterQueue',
  'ScansDeadLetterQueue',
];

/** Every widget, row by row: a title, and what is drawn. */
const ROWS = [
  [
    [
      'Verdicts within ten seconds of the end of the transfer, %',
      [
        math('100 * FILL(inTime, 0) / (FILL(inTime, 0) + FILL(late, 0))', 'in time', 'share'),
        count('VerdictsInTime', hidden('inTime')),
        count('VerdictsLate', hidden('late')),
      ],
      { yAxis: { left: { min: 80, max: 100 } }, annotations: { horizontal: [{ label: 'aim', value: 99 }] } },
    ],
    [
      'From the end of the transfer to the verdict, ms',
      ['p50', 'p90', 'p99'].map((stat) => own('VerdictMilliseconds', { stat, label: stat })),
    ],
    [
      'Faults of the API, % of its calls',
      [
        math('100 * faults / calls', 'faults', 'share'),
        api('5xx', hidden('faults')),
        api('Count', hidden('calls')),
      ],
    ],
  ],
  [
    [
      'Requests, verdicts, downloads',
      ['UploadsRequested', 'UploadsAccepted', 'UploadsRejected', 'UploadsExpired', 'Downloads'].map((name) =>
        count(name),
      ),
    ],
    [
      'Refusals by code',
      [
        math(
          `SEARCH('{Sluice,service,stage,code} MetricName="Refusals" stage="${STAGE}"', 'Sum', ${PERIOD})`,
          '',
          'codes',
        ),
      ],
    ],
    [
      'Rejections by reason',
      [
        math(
          `SEARCH('{Sluice,service,stage,reason} MetricName="Rejections" stage="${STAGE}"', 'Sum', ${PERIOD})`,
          '',
          'reasons',
        ),
      ],
    ],
    ['Bytes accepted', [count('BytesAccepted')]],
  ],
  [
    [
      'Age of the oldest message, s',
      [
        queue('ApproximateAgeOfOldestMessage', ref('ArrivalsQueue.QueueName'), {
          stat: 'Maximum',
          label: 'arrivals',
        }),
        queue('ApproximateAgeOfOldestMessage', ref('WebhookQueue.QueueName'), {
          stat: 'Maximum',
          label: 'webhooks',
        }),
        queue('ApproximateAgeOfOldestMessage', ref('WebhookEventsQueue.QueueName'), {
          stat: 'Maximum',
          label: 'events for webhooks',
        }),
      ],
    ],
    [
      'Dead letters',
      DEAD_LETTERS.map((name) =>
        queue('ApproximateNumberOfMessagesVisible', ref(`${name}.QueueName`), {
          stat: 'Maximum',
          label: name,
        }),
      ),
    ],
    [
      'The sweep: rows that are due',
      [own('DueBacklog', { stat: 'Sum' }), own('OldestDueSeconds', { stat: 'Maximum', yAxis: 'right' })],
    ],
    [
      'What should not be',
      [
        'ArrivalFailures',
        'LostArrivals',
        'SweepFailures',
        'UploadsHeld',
        'UnreadableRows',
        'AcceptedMissing',
      ].map((name) => count(name)),
    ],
  ],
  [
    ['Errors of functions', WORKERS.map((fn) => lambda('Errors', fn))],
    ['Throttles', [...WORKERS, 'request-upload', 'request-uploads'].map((fn) => lambda('Throttles', fn))],
    ['Events', ['EventsPublished', 'EventFailures', 'EventsBuried'].map((name) => count(name))],
    [
      'Webhooks',
      ['WebhooksDelivered', 'WebhookAttemptsFailed', 'WebhooksPostponed', 'WebhooksGivenUp'].map((name) =>
        count(name),
      ),
    ],
  ],
];

const toWidget = ([title, metrics, options = {}], x, y, width) => ({
  type: 'metric',
  x,
  y,
  width,
  height: HEIGHT,
  properties: { title, region: ref('AWS::Region'), view: 'timeSeries', period: PERIOD, metrics, ...options },
});

const toBody = () => ({
  widgets: ROWS.flatMap((row, index) => {
    const width = 24 / row.length;
    return row.map((widget, column) => toWidget(widget, column * width, index * HEIGHT, width));
  }),
});

/** What serverless asks for: `body`, the dashboard as CloudWatch has it. */
module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  return { body: JSON.stringify(toBody()).replaceAll(STAGE, stage) };
};
module.exports.ROWS = ROWS;
