// `allowedOrigins` is one string on the command line and a list in CORS rules.
module.exports = async ({ resolveVariable }) => {
  const allowedOrigins = await resolveVariable('param:allowedOrigins');
  return {
    origins: allowedOrigins
      .split(',')
      .map((origin) => origin.trim())
      .filter(Boolean),
  };
};
