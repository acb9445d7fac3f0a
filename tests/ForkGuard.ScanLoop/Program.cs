using System.Globalization;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.ScanLoop;

// scan-loop full|trusting PACE_MS COUNT [LEVEL_PERCENT]: so many scans at that pace (0: back to back), a line for each:
// "NANOSECONDS PROCESSES MAPS SMAPS ALLOCATED", its own CPU time first and the bytes it allocated last. full: every
// process is looked at, whatever Committed_AS excuses.
if (args is not (["full" or "trusting", _, _] or ["full" or "trusting", _, _, _]))
{
    await Console.Error.WriteLineAsync("usage: scan-loop full|trusting PACE_MS COUNT [LEVEL_PERCENT]");
    return 2;
}

var pace = TimeSpan.FromMilliseconds(int.Parse(args[1], CultureInfo.InvariantCulture));
var results = new ScanResult[int.Parse(args[2], CultureInfo.InvariantCulture)];
var level = args.Length == 4 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 60;

var proc = new ProcRoot();
var reader = new KernelStateReader(proc);
using var scanner = new ProcessScanner(proc, DescriptorLimit.Raise() / 2) { TrustsCommitted = args[0] == "trusting" };
using var timer = new PeriodicTimer(pace > TimeSpan.Zero ? pace : TimeSpan.FromDays(1));
var loud = new List<ProcessReading>(256);
for (var i = 0; i < results.Length; i++)
{
    results[i] = ScanResult.Measure(reader, scanner, level, TimeProvider.System, loud);
    if (pace > TimeSpan.Zero && i + 1 < results.Length)
    {
        await timer.WaitForNextTickAsync();
    }
}

foreach (var result in results)
{
    await Console.Out.WriteLineAsync(result.ToString());
}

return 0;
