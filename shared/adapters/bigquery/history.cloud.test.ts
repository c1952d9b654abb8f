import { historyContract } from '../../../test/contracts/history.ts';
import { reusedDataset, standInHistory } from '../../../test/support/bigquery.ts';
import { describeWith } from '../../../test/support/stand-ins.ts';

describeWith(['bigquery'], 'history in BigQuery', () => {
  const dataset = reusedDataset();
  historyContract({
    name: 'bigquery',
    open: async () => standInHistory({ dataset: await dataset() }),
    sql: true,
  });
});
