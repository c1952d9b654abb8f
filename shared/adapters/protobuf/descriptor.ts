/**
 * `schemas/test-completed-event.proto` as protobufjs takes it, so that no file and no parser is needed where messages
 * are read. A test holds it against that file.
 */
export const TEST_COMPLETED_EVENT = {
  nested: {
    TestCompletedEvent: {
      fields: {
        benchmark_id: { type: 'string', id: 1 },
        output_path: { type: 'string', id: 2 },
        status: { type: 'TestStatus', id: 3 },
        num_attempts: { type: 'int32', id: 4 },
        start_time: { type: 'google.protobuf.Timestamp', id: 5 },
        duration: { type: 'google.protobuf.Duration', id: 6 },
        debug_info: { type: 'DebugInfo', id: 7 },
        metric_collection_config: { type: 'MetricCollectionConfig', id: 8 },
        extras: { keyType: 'string', type: 'float', id: 9 },
        labels: { keyType: 'string', type: 'string', id: 10 },
      },
      nested: { TestStatus: { values: { COMPLETED: 0, FAILED: 1, TIMEOUT: 2, MISSED: 3 } } },
    },
    DebugInfo: {
      fields: {
        logs_link: { type: 'string', id: 1 },
        logs_download_command: { type: 'string', id: 2 },
        details_link: { type: 'string', id: 3 },
        resource_def: { type: 'string', id: 4 },
      },
    },
    MetricCollectionConfig: {
      fields: {
        sources: { rule: 'repeated', type: 'MetricSource', id: 1 },
        compare_to_benchmark_id: { type: 'string', id: 2 },
        silence_alerts: { type: 'bool', id: 3 },
        record_failing_test_metrics: { type: 'bool', id: 4 },
      },
    },
    MetricSource: {
      oneofs: { source_type: { oneof: ['tensorboard', 'literals', 'perfzero'] } },
      fields: {
        tensorboard: { type: 'TensorBoardSource', id: 1 },
        literals: { type: 'LiteralSource', id: 2 },
        perfzero: { type: 'PerfZeroSource', id: 3 },
      },
    },
    TensorBoardSource: {
      fields: {
        merge_runs: { type: 'bool', id: 1 },
        include_tags: { rule: 'repeated', type: 'TagStrategy', id: 2 },
        exclude_tags: { rule: 'repeated', type: 'string', id: 3 },
        aggregate_assertions: { rule: 'repeated', type: 'AggregateAssertion', id: 4 },
      },
      nested: {
        AggregationStrategy: { values: { FINAL: 0, MIN: 1, MAX: 2, AVERAGE: 3, MEDIAN: 4 } },
        TagStrategy: {
          fields: {
            tag_pattern: { type: 'string', id: 1 },
            strategies: { rule: 'repeated', type: 'AggregationStrategy', id: 2 },
          },
        },
        AggregateAssertion: {
          fields: {
            tag: { type: 'string', id: 1 },
            strategy: { type: 'AggregationStrategy', id: 2 },
            assertion: { type: 'Assertion', id: 3 },
          },
        },
      },
    },
    LiteralSource: { fields: { assertions: { keyType: 'string', type: 'Assertion', id: 1 } } },
    PerfZeroSource: { fields: { assertions: { keyType: 'string', type: 'Assertion', id: 1 } } },
    Assertion: {
      oneofs: {
        assertion_type: {
          oneof: ['fixed_value', 'within_bounds', 'std_devs_from_mean', 'percent_difference'],
        },
      },
      fields: {
        fixed_value: { type: 'FixedValue', id: 1 },
        within_bounds: { type: 'WithinBounds', id: 2 },
        std_devs_from_mean: { type: 'StdDevsFromMean', id: 3 },
        percent_difference: { type: 'PercentDifference', id: 4 },
        inclusive_bounds: { type: 'bool', id: 5 },
        fail_if_missing: { type: 'bool', id: 6 },
        wait_for_n_data_points: { type: 'int32', id: 7 },
        time_window: { type: 'google.protobuf.Duration', id: 8 },
        min_timestamp: { type: 'google.protobuf.Timestamp', id: 9 },
      },
      nested: {
        Comparison: { values: { EQUAL: 0, LESS: 1, GREATER: 2, WITHIN: 3 } },
        FixedValue: {
          fields: { comparison: { type: 'Comparison', id: 1 }, value: { type: 'double', id: 2 } },
        },
        WithinBounds: {
          fields: { upper_bound: { type: 'double', id: 1 }, lower_bound: { type: 'double', id: 2 } },
        },
        StdDevsFromMean: {
          fields: { comparison: { type: 'Comparison', id: 1 }, std_devs: { type: 'int32', id: 2 } },
        },
        PercentDifference: {
          oneofs: { target_type: { oneof: ['value', 'use_historical_mean'] } },
          fields: {
            comparison: { type: 'Comparison', id: 1 },
            percent: { type: 'double', id: 2 },
            value: { type: 'double', id: 3 },
            use_historical_mean: { type: 'bool', id: 4 },
          },
        },
      },
    },
    google: {
      nested: {
        protobuf: {
          nested: {
            Timestamp: { fields: { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } } },
            Duration: { fields: { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } } },
          },
        },
      },
    },
  },
};
