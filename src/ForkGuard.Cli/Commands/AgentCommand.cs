using System.CommandLine;
using ForkGuard.Agent.Reporting;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Node.Attribution;
using ForkGuard.Node.Refusals;
using ForkGuard.Node.Scanning;
using ForkGuard.Node.Serving;
using ForkGuard.Node.Telemetry;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Commands;

/// <summary><c>forkguard agent</c>: the DaemonSet's process.</summary>
internal static class AgentCommand
{
    internal static Command Create()
    {
        var options = new AgentOptions();
        var command = new ExampleCommand(
            "agent",
            "Scan this node and write its NodeForkReport, as the DaemonSet does.",
            "agent --node-name node-1 --kubeconfig admin.conf"
        );
        foreach (var option in options.All)
        {
            command.Options.Add(option);
        }

        command.SetAction(
            async (result, stop) =>
                options.Read(result) is { } settings ? await RunAsync(settings, stop) : ExitCode.Usage
        );
        return command;
    }

    private static async Task<int> RunAsync(AgentSettings settings, CancellationToken stop)
    {
        if (
            !CommandLine.TryOpen(settings.Proc, out var proc, out var reader, out _)
            || ClusterAccess.Connect(settings.Kubeconfig) is not { } connected
        )
        {
            return ExitCode.Unknown;
        }

        using var api = connected;
        var time = TimeProvider.System;
        var log = new AgentLog(Console.Out, time, settings.IsJsonLog);
        var health = new ScanHealth(time, ReportSettings.Default.Interval);
        using var export = new MetricsExport(
            new ServiceIdentity("forkguard-agent", settings.NodeName),
            NodeMetrics.MeterName,
            AgentMetrics.MeterName
        );
        using var metrics = new NodeMetrics();
        using var reportMetrics = new AgentMetrics();
        using var server = ListenOption.TryListen(
            settings.Listen,
            path => StatusPages.Of(path, health, export.Scrape),
            time
        );
        if (server is null)
        {
            return ExitCode.Usage;
        }

        log.Append(
            $"forkguard agent of node {settings.NodeName} on kernel {reader.ReleaseName}; reports to {api.Address}, listens on {server.Endpoint}{(MetricsExport.IsPushed ? ", pushes metrics" : "")}"
        );
        var writer = new ReportWriter(new ReportClient(api, settings.NodeName), reportMetrics, log, time);
        using var loop = CreateLoop(settings, proc, reader, writer, health, metrics, log, time);
        await RunningParts.UntilStoppedAsync(stop, loop.RunAsync, writer.RunAsync, server.RunAsync);
        log.Append("forkguard agent ends");
        return ExitCode.Fine;
    }

    private static AgentLoop CreateLoop(
        AgentSettings settings,
        ProcRoot proc,
        KernelStateReader reader,
        ReportWriter writer,
        ScanHealth health,
        NodeMetrics metrics,
        AgentLog log,
        TimeProvider time
    )
    {
        var names = new PodNames(settings.PodLogs, settings.ContainerLogs);
        // Of a captured /proc only the accounting of memory can be read.
        var cgroups = proc.IsLive ? new CgroupRoot(proc, settings.CgroupRoot) : null;
        var node = new NodeScanner(proc, reader, cgroups, names, EntryLimits.Report);
        var access = new ReadAccess(proc, OwnConfinement.Read());
        var refusals = settings.KernelLog ? OpenKernelLog(log) : null;
        return new AgentLoop(node, access, names, refusals, writer, health, metrics, log, time);
    }

    // Without the log everything else is reported all the same.
    private static RefusalLog? OpenKernelLog(AgentLog log)
    {
        var refusals = RefusalLog.TryOpenBySyslog(out var problem);
        if (refusals is null)
        {
            log.Append($"--kernel-log: refusals in the kernel's log are not reported: {problem}");
        }

        return refusals;
    }
}
