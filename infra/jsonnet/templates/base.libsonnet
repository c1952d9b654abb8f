// Job templates: one definition of a test gives a Job, a CronJob, a JobSet or an Argo Workflow.
// docs/templates.md has every field; `tidemark render` makes the same of YAML, JSON and TypeScript.
local accelerators = import 'accelerators.json';
local check = import 'lib/check.libsonnet';
local objects = import 'lib/objects.libsonnet';
local pod = import 'lib/pod.libsonnet';
local test = import 'lib/test.libsonnet';

local named(name) = accelerators[name] { name: name };

{
  BaseTest:: {
    local definition = test.definition(self),
    local make(kind) =
      local problems = check.problems(definition, kind);
      assert std.length(problems) == 0 : 'Cannot make the ' + kind + ' of a test:\n' + std.join('\n', problems);
      objects[kind](test.complete(definition)),

    // Here so that a test may add to them with `+:`. Rules are merged in any case.
    metricCollectionConfig: { default_aggregation_strategies: ['final'] },
    regressionTestConfig: { metric_success_conditions: pod.defaultRules },

    oneshotJob:: make('oneshotJob'),
    cronJob:: make('cronJob'),
    jobSet:: make('jobSet'),
    workflow:: make('workflow'),
  },

  // Every accelerator by its name: `accelerators['l4-x1']`, `accelerators['v6e-2x4']`.
  accelerators:: { [name]: named(name) for name in std.objectFields(accelerators) },
  cpu:: named('cpu'),
}
