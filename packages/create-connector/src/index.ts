export { type ConnectorPackage, connectorPackageFiles } from './connector-package.ts';
export { type FileTexts, inNameOf, renderTemplate } from './render-template.ts';
export { createVendorCommand } from './vendor-command.ts';
export { CreateError, type VendorNames, vendorNamesOf } from './vendor-names.ts';
export { requireEmptyFolder, writeNewFiles } from './write-files.ts';
