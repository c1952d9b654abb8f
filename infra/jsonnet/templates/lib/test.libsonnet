// A definition with what follows from it.
local accelerators = import '../accelerators.json';
local text = import 'text.libsonnet';

{
  local test = self,

  // Only what a person may write: hidden fields are the library's, or the person's own helpers.
  definition(config):: { [key]: config[key] for key in std.objectFields(config) },

  accelerator(given)::
    local complete = { nodeSelector: {}, limits: {}, hosts: 1 };
    if std.isString(given) then complete { name: given } + accelerators[given] else complete + given,

  complete(definition):: {
    local parts = [definition.frameworkPrefix, definition.modelName, definition.mode, self.accelerator.name],
    local defaultTag = if std.member(definition.image, '@') then null else 'latest',
    local tag = std.get(definition, 'imageTag', defaultTag),
    local commandDir = test.commandModelDir(definition.command),
    definition: definition,
    accelerator: test.accelerator(definition.accelerator),
    testName: std.get(definition, 'testName', std.join('-', parts)),
    frameworkVersion: std.get(definition, 'frameworkVersion', definition.frameworkPrefix),
    image: if std.objectHas(definition, 'imageTag') && definition.imageTag == null || tag == null
    then definition.image else definition.image + ':' + tag,
    modelDir:
      if std.objectHas(definition, 'modelDir') then definition.modelDir
      else if commandDir != null then commandDir
      else '$(OUTPUT_BUCKET)/' + std.join('/', parts) + '/$(JOB_NAME)',
  },

  // The place that the command's own --model_dir names; null where it names none, or only $(MODEL_DIR).
  commandModelDir(command)::
    local valueAt(index) =
      local word = command[index];
      local flags = ['--model_dir', '--model-dir'];
      local behind = [word[std.length(flag) + 1:] for flag in flags if std.startsWith(word, flag + '=')];
      local next = if index + 1 < std.length(command) then command[index + 1] else '';
      if std.member(flags, word) then [next] else behind;
    local values = std.flatMap(valueAt, std.range(0, std.length(command) - 1));
    local last = if values == [] then '' else values[std.length(values) - 1];
    if last == '' || std.member(text.names(last), 'MODEL_DIR') then null else last,
}
