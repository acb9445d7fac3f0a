using ForkGuard.ScanLoop;

// Scans COUNT times and prints a line for each scan:
// "NANOSECONDS PROCESSES MAPS SMAPS ALLOCATED CHECKS LEFT_OUT": CPU time of the accounting scan, processes listed, reads
// of maps and of smaps, bytes allocated, CPU time of the other constraints, processes that the budget left out.
// full: looks at every process. trusting: as the agent does, leaves out what Committed_AS rules out.
if (!ScanOptions.TryParse(args, out var options))
{
    await Console.Error.WriteLineAsync(ScanOptions.Usage);
    return 2;
}

var results = new ScanResult[options.Count];
using var scans = new Scans(options);
using var timer = new PeriodicTimer(options.Pace > TimeSpan.Zero ? options.Pace : TimeSpan.FromDays(1));
for (var i = 0; i < results.Length; i++)
{
    results[i] = scans.Measure();
    if (options.Pace > TimeSpan.Zero && i + 1 < results.Length)
    {
        await timer.WaitForNextTickAsync();
    }
}

foreach (var result in results)
{
    await Console.Out.WriteLineAsync(result.ToString());
}

return 0;
