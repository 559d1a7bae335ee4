export { csvColumns, csvReport } from './csv-report.ts';
export { deadlineWords, type Forecast, forecastOf, requestDeadline } from './deadlines.ts';
export { htmlReport } from './html-report.ts';
export { jsonReport, toJsonRequest } from './json-report.ts';
export { checkJwsCertificate, isJws, makeJwsCertificate } from './jws-certificate.ts';
export { collectReport, type ReportConnector, type ReportContents, type ReportScope } from './report-contents.ts';
export { type JsonReport, reportSchema } from './report-schema.ts';
