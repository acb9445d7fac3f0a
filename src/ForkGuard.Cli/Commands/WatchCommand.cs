using System.CommandLine;
using System.Net;
using ForkGuard.Cli.Output;
using ForkGuard.Cli.Serving;
using ForkGuard.Cli.Watching;
using ForkGuard.Host.Restarts;
using ForkGuard.Host.Systemd;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Manifests;
using ForkGuard.Node.Scanning;
using ForkGuard.Node.Serving;
using ForkGuard.Policy.Restarts;
using ForkGuard.Telemetry;
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
        var listen = ListenOption.Create("Serve /metrics, /healthz and /readyz there, as the agent does.");
        var state = new Option<string>("--state")
        {
            Description = "Keep the records of restarts there (default: $STATE_DIRECTORY).",
            HelpName = "DIRECTORY",
        };
        var output = CommandLine.OutputOption();
        var proc = CommandLine.ProcOption();
        var command = new ExampleCommand(
            "watch",
            "Evaluate this machine by the watches in manifests, and write events as they happen.",
            "watch -f config/samples              # the manifests of a folder; q ends it, s sorts, / filters",
            "watch -f config/samples --once       # one scan, for a script",
            "watch -f host.yaml -o json           # events as JSON, one per line",
            "watch -f host.yaml --listen 127.0.0.1:9099   # with /metrics"
        )
        {
            manifests,
            once,
            interval,
            listen,
            state,
            output,
            proc,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(once) && result.GetResult(listen) is not null)
            {
                result.AddError("--listen may not be set when --once is set: nothing would be left to answer");
            }
        });
        command.SetAction(
            (result, stop) =>
                RunAsync(
                    new WatchSettings(
                        result.GetRequiredValue(manifests),
                        result.GetValue(once),
                        TimeSpan.FromSeconds(result.GetValue(interval)),
                        result.GetValue(listen),
                        result.GetValue(state) ?? StateDirectory(),
                        result.GetValue(output),
                        result.GetValue(proc) ?? "/proc"
                    ),
                    stop
                )
        );
        return command;
    }

    // systemd gives several directories with colons between them.
    private static string? StateDirectory() =>
        Environment.GetEnvironmentVariable("STATE_DIRECTORY")?.Split(':') is [{ Length: > 0 } first, ..] ? first : null;

    private static async Task<int> RunAsync(WatchSettings settings, CancellationToken stop)
    {
        var manifests = ManifestFolder.Load(settings.Path);
        foreach (var error in manifests.Errors)
        {
            StandardError.WriteLine(error.ToString());
        }

        var whenDone = manifests.Errors.Count > 0 ? ExitCode.Usage : ExitCode.Fine;
        if (manifests.Watches.Count == 0)
        {
            return ExitCode.Usage;
        }

        if (!CommandLine.TryOpen(settings.Proc, out var proc, out var reader, out var state))
        {
            return ExitCode.Unknown;
        }

        var plan = WatchPlan.From(manifests);
        var watches = settings.Once ? plan.Watches.Select(w => w.WithoutHold()).ToList() : plan.Watches;
        using var restarts = settings.Once
            ? null
            : new HostRestarts(() => Restarter(settings, proc), TimeProvider.System);
        using var session = new WatchSession(
            proc,
            reader,
            watches,
            settings.Interval,
            settings.Once ? ScanBudget.Unlimited : new ScanBudget(),
            restarts
        );
        var loop = new WatchLoop(session, plan, TimeProvider.System);
        var header = new WatchHeader(state, reader.ReleaseName);
        if (settings.Once)
        {
            loop.RunOnce(PipeOutput(settings.Format), header, stop);
            return whenDone != ExitCode.Fine ? whenDone : ExitOf(loop.LastOutcome);
        }

        var health = new ScanHealth(TimeProvider.System, settings.Interval);
        using var telemetry = settings.Listen is null
            ? null
            : new WatchTelemetry(new ReadAccess(proc, OwnConfinement.Read()), health);
        using var server = telemetry is null
            ? null
            : ListenOption.TryListen(settings.Listen!, telemetry.PageOf, TimeProvider.System);
        if (telemetry is not null && server is null)
        {
            return ExitCode.Usage;
        }

        using var reload = new ManifestReload(settings.Path);
        var service = new WatchService(new ServiceNotifier(TimeProvider.System), health, telemetry, settings.Interval);
        service.Loaded(manifests.Errors.Count);
        header = header with { Listening = server?.Endpoint };
        Task WatchAsync(CancellationToken end) =>
            OnItsOwnThreadAsync(() =>
                WithOutput(settings.Format, output => loop.Run(output, header, settings.Interval, service, reload, end))
            );
        await (server is null ? WatchAsync(stop) : RunningParts.UntilStoppedAsync(stop, WatchAsync, server.RunAsync));
        return loop.HasReloaded ? ExitCode.Fine : whenDone;
    }

    private static UnitRestarter Restarter(WatchSettings settings, ProcRoot proc) =>
        new(
            settings.State,
            stop => SystemdBus.ConnectAsync(SystemdBus.SystemAddress, new RestartTimes().CallTimeout, stop),
            new HostIdentity(
                Environment.MachineName,
                CgroupMembership.Read(proc, proc.OwnPid).Unit,
                HostIdentity.ReadBootId()
            ),
            TimeProvider.System
        );

    private static void WithOutput(OutputFormat format, Action<IWatchOutput> watch)
    {
        if (format == OutputFormat.Text && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi)
        {
            LiveWatchOutput.Run(AnsiConsole.Console, watch);
        }
        else
        {
            watch(PipeOutput(format));
        }
    }

    // The pool ends a thread after a while without work, and in mode 2 there may be no memory for a new one.
    private static Task OnItsOwnThreadAsync(Action watch) =>
        Task.Factory.StartNew(watch, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    // A known risk goes before an unknown one.
    private static int ExitOf(ScanOutcome? outcome) =>
        outcome switch
        {
            null or { Problem: not null } => ExitCode.Unknown,
            { AtRisk: > 0 } => ExitCode.AtRisk,
            { Undecided: > 0 } or { State.HidesProcesses: true } or { State.Distrust: not null } => ExitCode.Unknown,
            _ => ExitCode.Fine,
        };

    private static IWatchOutput PipeOutput(OutputFormat format) =>
        format == OutputFormat.Json
            ? new JsonWatchOutput(Console.Out)
            : new PlainWatchOutput(Console.Out, TerminalWidth.WrapAt(), Journal.IsStandardOutput);
}

/// <summary>The values of a command line.</summary>
internal sealed record WatchSettings(
    string Path,
    bool Once,
    TimeSpan Interval,
    IPEndPoint? Listen,
    string? State,
    OutputFormat Format,
    string Proc
);
