import { Command } from 'commander';

/** A command that takes a vendor, as both ways of making a connector do. */
export function createVendorCommand(name: string): Command {
  return new Command(name)
    .argument('<vendor>', "the vendor's name in small letters, digits and dashes: customer-io")
    .option('--title <text>', 'how the vendor writes itself: "Customer.io"')
    .showHelpAfterError('Run it with --help to see what it takes.');
}
