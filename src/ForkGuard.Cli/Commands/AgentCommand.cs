using System.CommandLine;
using System.Net.Sockets;
using ForkGuard.Agent.Reporting;
using ForkGuard.Agent.Telemetry;
using ForkGuard.Cli.Output;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Node.Attribution;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Cli.Commands;

/// <summary><c>forkguard agent</c>: the DaemonSet's process.</summary>
internal static class AgentCommand
{
    internal static Command Create()
    {
        var options = new AgentOptions();
        var command = new Command("agent", "Scan this node and write its NodeForkReport, as the DaemonSet does.");
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
        var log = new AgentLog(Console.Out, time);
        var health = new AgentHealth(time, ReportSettings.Default.Interval);
        using var metrics = new AgentMetrics();
        using var telemetry = new AgentTelemetry();
        using var server = new StatusServer(settings.Listen, path => AgentPages.Of(path, health, telemetry), time);
        try
        {
            server.Listen();
        }
        catch (SocketException e)
        {
            StandardError.WriteLine($"--listen: {settings.Listen}: {e.Message}");
            return ExitCode.Unknown;
        }

        log.Say(
            $"forkguard agent of node {settings.NodeName} on kernel {reader.ReleaseName}; reports to {api.Address}, listens on {server.Endpoint}{(telemetry.IsPushed ? ", pushes metrics" : "")}"
        );
        var writer = new ReportWriter(new ReportClient(api, settings.NodeName), metrics, log, time);
        using var loop = CreateLoop(settings, proc, reader, writer, health, metrics, log, time);
        await UntilStoppedAsync(stop, loop.RunAsync, writer.RunAsync, server.RunAsync);
        log.Say("forkguard agent ends");
        return ExitCode.Fine;
    }

    private static AgentLoop CreateLoop(
        AgentSettings settings,
        ProcRoot proc,
        KernelStateReader reader,
        ReportWriter writer,
        AgentHealth health,
        AgentMetrics metrics,
        AgentLog log,
        TimeProvider time
    )
    {
        var names = new PodNames(settings.PodLogs, settings.ContainerLogs);
        // Of a captured /proc only the accounting of memory can be read.
        var cgroups = proc.IsLive ? new CgroupRoot(proc, settings.CgroupRoot) : null;
        var node = new NodeScanner(proc, reader, cgroups, names, EntryLimits.Report);
        var access = new ReadAccess(proc, OwnConfinement.Read());
        return new AgentLoop(node, access, names, writer, health, metrics, log, time);
    }

    /// <summary>Runs all until it is stopped. The first that fails ends the others, and the program with its error.</summary>
    private static async Task UntilStoppedAsync(CancellationToken stop, params Func<CancellationToken, Task>[] parts)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var running = parts.Select(part => Task.Run(() => part(end.Token), CancellationToken.None)).ToList();
        var first = await Task.WhenAny(running);
        await end.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!first.IsCanceled)
        {
            await first;
        }
    }
}
