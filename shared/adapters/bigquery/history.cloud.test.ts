import { historyContract } from '../../../test/contracts/history.ts';
import { standInHistory } from '../../../test/support/bigquery.ts';
import { describeWith } from '../../../test/support/stand-ins.ts';

describeWith(['bigquery'], 'history in BigQuery', () => {
  historyContract({ name: 'bigquery', open: () => standInHistory(), sql: true });
});
