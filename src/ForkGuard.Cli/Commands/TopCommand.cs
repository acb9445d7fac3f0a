using System.CommandLine;
using ForkGuard.Cli.Checking;
using ForkGuard.Cli.Output;
using ForkGuard.Cli.Ranking;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Attribution;
using ForkGuard.Node.Scanning;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Commands;

/// <summary><c>forkguard top</c>: the processes that are closest to a limit.</summary>
internal static class TopCommand
{
    private const int DefaultRows = 20;
    private const int DefaultIntervalSeconds = 3;

    internal static Command Create()
    {
        var count = CommandLine.NumberOption("--count", ["-n"], least: 1, most: 10_000, DefaultRows);
        count.Description = $"How many processes to show (default {DefaultRows}).";
        count.HelpName = "N";
        var sort = CommandLine.ChoiceOption("--sort", [], string.Join('|', TopView.Keys), TopView.Worst);
        sort.Description = "Order of the rows (default worst).";
        var filter = new Option<string>("--filter")
        {
            Description = "Only rows whose command, owner, constraint or verdict contains the text, or with this pid.",
            HelpName = "TEXT",
        };
        var interval = CommandLine.NumberOption("--interval", [], least: 1, most: 3600, DefaultIntervalSeconds);
        interval.Description =
            $"Seconds between two scans on a terminal, 1 to 3600 (default {DefaultIntervalSeconds}).";
        interval.HelpName = "SECONDS";
        var once = new Option<bool>("--once") { Description = "One scan on a terminal too, as in a pipe." };
        var output = CommandLine.OutputOption();
        var proc = CommandLine.ProcOption();
        var command = new ExampleCommand(
            "top",
            "List the processes that are closest to a limit: live on a terminal, once in a pipe.",
            "top                                  # live; q ends it, s sorts, / filters",
            "top --once -n 5                      # the worst five",
            "top --filter redis --sort growth     # what grows fastest",
            "top -o json                          # one JSON object per process"
        )
        {
            count,
            sort,
            filter,
            interval,
            once,
            output,
            proc,
        };
        command.SetAction(
            (result, stop) =>
                Task.Run(
                    () =>
                        Run(
                            new TopSettings(
                                result.GetValue(count),
                                new TopView(result.GetRequiredValue(sort), result.GetValue(filter) ?? ""),
                                TimeSpan.FromSeconds(result.GetValue(interval)),
                                result.GetValue(once),
                                result.GetValue(output),
                                result.GetValue(proc) ?? "/proc"
                            ),
                            stop
                        ),
                    CancellationToken.None
                )
        );
        return command;
    }

    private static int Run(TopSettings settings, CancellationToken stop)
    {
        if (!CommandLine.TryOpen(settings.Proc, out var proc, out var reader, out _))
        {
            return ExitCode.Unknown;
        }

        var isLive =
            settings.Output == OutputFormat.Text
            && !settings.Once
            && !Console.IsOutputRedirected
            && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        using var scanner = new NodeScanner(
            proc,
            reader,
            proc.IsLive ? new CgroupRoot(proc) : null,
            PodNames.OfMachine(proc),
            budget: isLive ? new ScanBudget() : ScanBudget.Unlimited
        );
        if (isLive)
        {
            using var keys = TerminalInput.TryOpen();
            new TopScreen(Console.Out, keys, settings.View, settings.Count).Run(
                () => (Scan(scanner, reader, RankedTable.Candidates, out var why), why),
                settings.Interval,
                TimeProvider.System,
                stop
            );
            return ExitCode.Fine;
        }

        var candidates = settings.View.IsDefault ? settings.Count : Math.Max(settings.Count, RankedTable.Candidates);
        if (Scan(scanner, reader, candidates, out var problem) is not { } scan)
        {
            StandardError.WriteLine(problem);
            return ExitCode.Unknown;
        }

        Write(scan, settings);
        return ExitCode.Fine;
    }

    private static TopScan? Scan(NodeScanner scanner, KernelStateReader reader, int candidates, out string problem)
    {
        var now = TimeProvider.System.GetUtcNow();
        return scanner.Scan(ReportSettings.Default, now, out problem) is { } scan
            ? new TopScan(scan, scanner.Worst(candidates, now), reader.ReleaseName)
            : null;
    }

    private static void Write(TopScan scan, TopSettings settings)
    {
        if (settings.Output == OutputFormat.Json)
        {
            foreach (var report in settings.View.Apply(scan.Processes, settings.Count))
            {
                JsonLines.Write(ReportJson.Of(report, scan.Scan.State));
            }

            return;
        }

        var columns = TerminalWidth.WrapAt();
        foreach (var line in scan.Header(columns))
        {
            Console.WriteLine(line);
        }

        foreach (var (line, _) in scan.Table(settings.View, settings.Count, columns))
        {
            Console.WriteLine(line);
        }

        foreach (var line in scan.Advice(settings.View, settings.Count, columns))
        {
            Console.WriteLine(line);
        }
    }
}

/// <summary>The values of a command line.</summary>
internal sealed record TopSettings(
    int Count,
    TopView View,
    TimeSpan Interval,
    bool Once,
    OutputFormat Output,
    string Proc
);
