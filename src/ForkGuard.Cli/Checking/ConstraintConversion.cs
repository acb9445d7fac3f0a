using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Cli.Checking;
