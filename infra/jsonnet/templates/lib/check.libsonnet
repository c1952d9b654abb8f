// Every mistake in a definition, each as `path: sentence`; the sentences of the TypeScript builder.
local accelerators = import '../accelerators.json';
local knownKeys = import '../config-keys.json';
local fields = import '../fields.json';
local names = import 'names.libsonnet';
local pod = import 'pod.libsonnet';
local test = import 'test.libsonnet';
local text = import 'text.libsonnet';

local problem(path, message) = { path: path, message: message };
local rule(path, isBroken, message) = if isBroken then [problem(path, message)] else [];
local current(value) = ': current value is ' + text.show(value);
local entries(value) = if std.isObject(value) then [[key, value[key]] for key in std.objectFields(value)] else [];
local isText(value) = std.isString(value);

local words = { strings: 'array', texts: 'record', object: 'record', volumes: 'record' };
local fits = {
  any(value): true,
  string: std.isString,
  number: std.isNumber,
  boolean: std.isBoolean,
  strings: std.isArray,
  texts: std.isObject,
  object: std.isObject,
  volumes: std.isObject,
};

local unknownKey(path, key, known) =
  local close = text.nearest(key, known);
  problem(path + key, 'unknown key' + (if close == null then '' else '; did you mean "' + close + '"?'));

// The keys of one object, by a table of [name, type, whether it must be there].
local shape(value, table, path) =
  local known = [row[0] for row in table];
  local typed(row) =
    local type = std.strReplace(row[1], '?', '');
    local word = std.get(words, type, type);
    if !std.objectHas(value, row[0]) then rule(path + row[0], row[2], 'is missing; wanted ' + word)
    else
      local given = value[row[0]];
      local isNull = given == null && std.endsWith(row[1], '?');
      if isNull then []
      else if !fits[type](given) then [problem(path + row[0], 'must be ' + word + current(given))]
      else inside(type, given, path + row[0] + '.'),
        inside(type, given, path) =
    local each(pairs) = std.flatMap(function(pair) rule(path + pair[0], !isText(pair[1]), 'must be string' + current(pair[1])), pairs);
    if type == 'strings' then each(std.mapWithIndex(function(index, word) [index, word], given))
    else if type == 'texts' then each(entries(given))
    else if type == 'volumes' then std.flatMap(function(pair) volume(pair[1], path + pair[0]), entries(given))
    else [],
        volume(given, path) =
    if std.isObject(given) then shape(given, fields.volume, path + '.')
    else [problem(path, 'must be object' + current(given))];
  [unknownKey(path, key, known) for key in std.objectFields(value) if !std.member(known, key)] +
  std.flatMap(typed, table);

// The keys of the two configs; `tidemark validate` and the ticks look at their values too.
local configKeys(definition) =
  local keys(value, known, path) =
    [unknownKey(path + '.', pair[0], known) for pair in entries(value) if !std.member(known, pair[0])];
  local part(value, key) = if std.isObject(value) then std.get(value, key) else null;
  local collection = std.get(definition, 'metricCollectionConfig');
  local regression = std.get(definition, 'regressionTestConfig');
  local condition(pair) =
    local path = 'regressionTestConfig.metric_success_conditions.' + pair[0];
    keys(pair[1], knownKeys.condition, path) +
    keys(part(pair[1], 'success_threshold'), knownKeys.success_threshold, path + '.success_threshold');
  keys(collection, knownKeys.metricCollectionConfig, 'metricCollectionConfig') +
  keys(part(collection, 'time_to_accuracy'), knownKeys.time_to_accuracy, 'metricCollectionConfig.time_to_accuracy') +
  keys(regression, knownKeys.regressionTestConfig, 'regressionTestConfig') +
  std.flatMap(condition, entries(part(regression, 'metric_success_conditions')));

local labelValue =
  'must be a label value: at most 63 letters, digits, "-", "_" and ".", a letter or digit at both ends';
local labelWord(path, value) =
  rule(path, isText(value) && (value == '' || !names.isLabelValue(value)), labelValue + current(value));

local numbers(given) =
  local most = 2147483647;
  local least = { timeout: 1, retries: 0, ttlSecondsAfterFinished: 86400, startingDeadlineSeconds: 10 };
  local one(key) =
    local value = std.get(given, key);
    local isWrong = std.isNumber(value) && (value != std.floor(value) || value < least[key] || value > most);
    rule(key, isWrong, 'must be a whole number from %d to %d' % [least[key], most] + current(value));
  std.flatMap(one, std.objectFields(least));

local policies = ['Allow', 'Forbid', 'Replace'];

local timing(given, kind) =
  local schedule = std.get(given, 'schedule');
  local timeZone = std.get(given, 'timeZone');
  local policy = std.get(given, 'concurrencyPolicy');
  rule('schedule', !std.objectHas(given, 'schedule') && kind == 'cronJob',
       'is missing; a CronJob wants five fields of cron, such as "0 2 * * *"') +
  rule('schedule', isText(schedule) && !names.isSchedule(schedule),
       "must be five fields of cron, or @hourly, @daily, @weekly, @monthly or @yearly; a zone is timeZone's" + current(schedule)) +
  rule('timeZone', timeZone == '' || timeZone == 'Local',
       'must be a name of the time zone database, such as "Europe/Zurich"' + current(timeZone)) +
  rule('concurrencyPolicy', isText(policy) && !std.member(policies, policy),
       'must be one of ' + std.join(', ', policies) + current(policy)) +
  rule('zone', std.objectHas(given, 'zone') && std.objectHas(given, 'region'),
       'does not go with region: a cluster has one or the other');

local containers(given) =
  local image = std.get(given, 'image');
  local hasDigest = isText(image) && std.member(image, '@');
  local volume(pair) =
    local path = 'volumes.' + pair[0];
    local mountPath = if std.isObject(pair[1]) then std.get(pair[1], 'mountPath') else null;
    rule(path, !names.isVolumeName(pair[0]),
         'must be at most 63 lower-case letters, digits and "-", a letter or digit at both ends') +
    rule(path + '.mountPath', isText(mountPath) && !std.startsWith(mountPath, '/'),
         'must begin with "/"' + current(mountPath));
  rule('image', image == '', 'must not be empty') +
  rule('imageTag', hasDigest && isText(std.get(given, 'imageTag')),
       'does not go with an image that is named by its digest') +
  rule('command', std.get(given, 'command') == [], 'must have at least one argument') +
  std.flatMap(volume, entries(std.get(given, 'volumes')));

local labels(given) =
  local one(pair) =
    rule('labels.' + pair[0], !names.isLabelKey(pair[0]),
         'is no label key: a name of at most 63 characters, in front of it a domain and "/" if needed') +
    rule('labels.' + pair[0], pair[0] == 'benchmarkId', 'is set by the template') +
    rule('labels.' + pair[0], isText(pair[1]) && !names.isLabelValue(pair[1]), labelValue + current(pair[1]));
  std.flatMap(one, entries(std.get(given, 'labels'))) + labelWord('kueueQueue', std.get(given, 'kueueQueue'));

local variables(given) =
  local own = pod.ownVariables + (if std.get(given, 'wrap') == true then pod.wrapperVariables else []);
  local one(pair) =
    rule('env.' + pair[0], !names.isVariable(pair[0]),
         'is no name of a variable: letters, digits, "_", "." and "-", no digit first') +
    rule('env.' + pair[0], std.member(own, pair[0]), 'is set by the template');
  std.flatMap(one, entries(std.get(given, 'env')));

local wrapping(given) =
  local mount = pod.wrapperMount;
  local words = std.get(given, 'command');
  local first = if std.isArray(words) && std.length(words) > 0 then words[0] else null;
  local isFlag = isText(first) && std.startsWith(first, '-');
  local volume(pair) =
    local path = if std.isObject(pair[1]) then std.get(pair[1], 'mountPath') else null;
    rule('volumes.' + pair[0], pair[0] == mount.name, 'is the name of the volume that wrap adds') +
    rule('volumes.%s.mountPath' % pair[0], isText(path) && std.rstripChars(path, '/') == mount.mountPath,
         'is where wrap puts its volume' + current(path));
  if std.get(given, 'wrap') != true then []
  else rule('wrap', std.get(given, 'publisherImage') == null, 'needs a publisherImage: that image brings the wrapper') +
       rule('entrypoint', !std.objectHas(given, 'entrypoint') && isFlag,
            "is missing: with wrap the image's own is not started, and the command begins with a flag" + current(first)) +
       std.flatMap(volume, entries(std.get(given, 'volumes')));

local accelerator(given) =
  local value = std.get(given, 'accelerator');
  local close = if isText(value) then text.nearest(value, std.objectFields(accelerators)) else null;
  if !std.objectHas(given, 'accelerator') then [problem('accelerator', 'is missing; wanted string')]
  else if std.isObject(value) then
    local shapes = shape(value, fields.accelerator, 'accelerator.');
    local hosts = std.get(value, 'hosts', 1);
    if shapes != [] then shapes else
      labelWord('accelerator.name', value.name) +
      rule('accelerator.hosts', hosts != std.floor(hosts) || hosts < 1 || hosts > 100000,
           'must be a whole number from 1 to 100000' + current(hosts))
  else if !isText(value) then [problem('accelerator', 'must be string, or object' + current(value))]
  else rule('accelerator', !std.objectHas(accelerators, value), 'is no known accelerator' + current(value) +
                           (if close == null then '' else '; did you mean "' + close + '"?'));

local kindWords = { oneshotJob: 'a Job', cronJob: 'a CronJob', jobSet: 'a JobSet', workflow: 'a Workflow' };

// The longest name that still leaves room for what the controllers put behind it.
local longestName(kind, hosts, wrap) =
  if kind == 'cronJob' then 52
  else if kind == 'jobSet' then 63 - std.length('-abcde-train-0-' + (hosts - 1) + '-abcde')
  else if wrap then 63 - std.length('-abcde-0')
  else 63;

// Texts that no container could be started with: Linux takes no longer ones as an argument or NAME=value.
local sizes(test) =
  local mostBytes = 131071;
  local bytes(value) = std.length(std.encodeUTF8(value));
  local tooLong(path, size, most, verb='has') =
    rule(path, size > most, verb + ' %d bytes; a container takes at most %d' % [size, most]);
  local word(field) = std.flatMap(
    function(pair) tooLong(field + '.' + pair[0], bytes(pair[1]), mostBytes),
    std.mapWithIndex(function(index, text) [index, text], std.get(test.definition, field, []))
  );
  local variable(pair) = tooLong('env.' + pair[0], bytes(pair[1]), mostBytes - bytes(pair[0] + '='));
  tooLong('regressionTestConfig', bytes(pod.metricConfigText(test)), mostBytes - std.length('METRIC_CONFIG='), 'makes a METRIC_CONFIG of') +
  word('command') + word('entrypoint') + std.flatMap(variable, entries(std.get(test.definition, 'env')));

local whole(test, kind) =
  local name = test.testName;
  local wrap = std.get(test.definition, 'wrap', false);
  local most = longestName(kind, test.accelerator.hosts, wrap);
  local env = std.get(test.definition, 'env', {});
  local used = [key for key in text.names(test.modelDir) if std.objectHas(env, key)];
  local circular = std.any([std.member(text.names(pair[1]), 'MODEL_DIR') for pair in entries(env)]);
  sizes(test) +
  rule('testName', !names.isObjectName(name),
       'must be lower-case letters, digits, "-" and "." with a letter or digit at both ends' + current(name)) +
  rule('testName', std.length(name) > most,
       'has %d characters; %s takes at most %d' % [std.length(name), kindWords[kind], most] + current(name)) +
  rule('testName', kind == 'jobSet' && (std.member(name, '.') || !names.beginsWithLetter(name)),
       'must begin with a letter and have no "." where it names a JobSet' + current(name)) +
  rule('testName', wrap && kind != 'jobSet' && std.member(name, '.'),
       'must have no "." where wrap is true, since its Pods are hosts of that name' + current(name)) +
  rule('accelerator', test.accelerator.hosts > 1 && kind != 'jobSet',
       '%s is shared by %d machines, which only a jobSet starts together' % [text.show(test.accelerator.name), test.accelerator.hosts]) +
  rule('modelDir', used != [] && circular,
       'uses $(%s) of env, and env uses $(MODEL_DIR): neither can come first' % std.join('', used[:1])) +
  rule('', kind == 'workflow' && std.length(std.findSubstr('{{', std.manifestJsonMinified(test))) > 0,
       'holds "{{", which Argo would replace: a Workflow cannot have it');

{
  // All mistakes at once. A key that is there under a misspelt name is one mistake, not two.
  problems(definition, kind)::
    local shapes = shape(definition, fields.definition, '');
    local accelerators = accelerator(definition);
    local single = shapes + numbers(definition) + timing(definition, kind) + containers(definition) +
                   labels(definition) + variables(definition) + wrapping(definition) + accelerators + configKeys(definition) +
                   std.flatMap(function(key) labelWord(key, std.get(definition, key)),
                               ['frameworkPrefix', 'modelName', 'mode', 'frameworkVersion']);
    local all = single + (if shapes == [] && accelerators == [] then whole(test.complete(definition), kind) else []);
    local split(path) =
      local parts = std.split(path, '.');
      { name: parts[std.length(parts) - 1], place: parts[:std.length(parts) - 1] };
    local isMeant(path) = std.any([
      std.endsWith(other.message, 'did you mean "' + split(path).name + '"?') &&
      split(other.path).place == split(path).place
      for other in all
    ]);
    [
      (if one.path == '' then '' else one.path + ': ') + one.message
      for one in all
      if !(std.startsWith(one.message, 'is missing') && isMeant(one.path))
    ],
}
