using System.CommandLine;
using ForkGuard.Cli.Output;
using ForkGuard.Cli.Watching;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Manifests;
using Spectre.Console;

namespace ForkGuard.Cli.Commands;

/// <summary><c>forkguard watch -f FILE_OR_DIR</c>: the manifests' policy against this machine.</summary>
internal static class WatchCommand
{
    private const int DefaultIntervalSeconds = 5;

    internal static Command Create()
    {
        var manifests = new Option<string>("--filename", "-f")
        {
            Description = "A manifest, or a folder of them (*.yaml, *.yml, *.json).",
            HelpName = "FILE_OR_DIR",
            Required = true,
        };
        var once = new Option<bool>("--once")
        {
            Description = "One scan, without waiting for any hold. Exit code 1 if a process is at risk.",
        };
        var interval = CommandLine.NumberOption("--interval", [], least: 1, most: 3600, DefaultIntervalSeconds);
        interval.Description = $"Seconds between two scans, 1 to 3600 (default {DefaultIntervalSeconds}).";
        interval.HelpName = "SECONDS";
        var output = CommandLine.OutputOption();
        var proc = CommandLine.ProcOption();
        var command = new Command(
            "watch",
            "Evaluate this machine by the watches in manifests, and write events as they happen."
        )
        {
            manifests,
            once,
            interval,
            output,
            proc,
        };
        command.SetAction(
            (result, stop) =>
                RunAsync(
                    result.GetRequiredValue(manifests),
                    result.GetValue(once),
                    TimeSpan.FromSeconds(result.GetValue(interval)),
                    result.GetValue(output),
                    result.GetValue(proc) ?? "/proc",
                    stop
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        string path,
        bool once,
        TimeSpan interval,
        OutputFormat format,
        string procPath,
        CancellationToken stop
    )
    {
        var manifests = ManifestFolder.Load(path);
        foreach (var error in manifests.Errors)
        {
            StandardError.WriteLine(error.ToString());
        }

        var whenDone = manifests.Errors.Count > 0 ? ExitCode.Usage : ExitCode.Fine;
        if (manifests.Watches.Count == 0)
        {
            return ExitCode.Usage;
        }

        if (!CommandLine.TryOpen(procPath, out var proc, out var reader, out var state))
        {
            return ExitCode.Unknown;
        }

        var plan = WatchPlan.From(manifests);
        var watches = once ? plan.Watches.Select(w => w.WithoutHold()).ToList() : plan.Watches;
        using var session = new WatchSession(
            proc,
            reader,
            watches,
            interval,
            once ? ScanBudget.Unlimited : new ScanBudget()
        );
        var loop = new WatchLoop(session, plan, TimeProvider.System);
        if (once)
        {
            loop.RunOnce(PipeOutput(format), state, reader.ReleaseName, stop);
            return whenDone != ExitCode.Fine ? whenDone : ExitOf(loop.LastOutcome);
        }

        var isLive =
            format == OutputFormat.Text && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
        void Watch(IWatchOutput output) => loop.Run(output, state, reader.ReleaseName, interval, stop);
        await OnItsOwnThreadAsync(() =>
        {
            if (isLive)
            {
                LiveWatchOutput.Run(AnsiConsole.Console, Watch);
            }
            else
            {
                Watch(PipeOutput(format));
            }
        });
        return whenDone;
    }

    // A thread of the pool is given up after a while without work, and in mode 2 there may be no memory for a new one.
    private static Task OnItsOwnThreadAsync(Action watch) =>
        Task.Factory.StartNew(watch, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    // What is known to be at risk goes before what is not known.
    private static int ExitOf(ScanOutcome? outcome) =>
        outcome switch
        {
            null or { Problem: not null } => ExitCode.Unknown,
            { AtRisk: > 0 } => ExitCode.AtRisk,
            { Undecided: > 0 } => ExitCode.Unknown,
            _ => ExitCode.Fine,
        };

    private static IWatchOutput PipeOutput(OutputFormat format) =>
        format == OutputFormat.Json
            ? new JsonWatchOutput(Console.Out)
            : new PlainWatchOutput(Console.Out, TerminalWidth.WrapAt());
}
