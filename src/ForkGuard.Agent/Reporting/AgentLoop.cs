using ForkGuard.Api;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Node.Attribution;
using ForkGuard.Node.Refusals;
using ForkGuard.Node.Scanning;
using ForkGuard.Node.Serving;
using ForkGuard.Node.Telemetry;

namespace ForkGuard.Agent.Reporting;

/// <summary>Scans at the interval that the report's spec asks for, and hands each scan on.</summary>
internal sealed class AgentLoop(
    NodeScanner node,
    ReadAccess access,
    PodNames names,
    RefusalLog? refusals,
    ReportWriter writer,
    ScanHealth health,
    NodeMetrics metrics,
    AgentLog log,
    TimeProvider time
) : IDisposable
{
    private KernelState? _last;

    internal async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(writer.Settings.Interval, time);
        do
        {
            var settings = writer.Settings;
            if (timer.Period != settings.Interval)
            {
                timer.Period = settings.Interval;
            }

            Scan(settings, stop);
        } while (await timer.WaitForNextTickAsync(stop));
    }

    public void Dispose()
    {
        node.Dispose();
        refusals?.Dispose();
    }

    private void Scan(ReportSettings settings, CancellationToken stop)
    {
        if (writer.TakeEarlier() is { } earlier)
        {
            node.Restore(earlier, time.GetUtcNow());
        }

        if (node.Scan(settings, time.GetUtcNow(), out var problem, stop) is not { } scan)
        {
            log.AppendOnce("scan", "failed", $"cannot scan: {PrintableText.Escape(problem)}");
            metrics.ScanFailed();
            return;
        }

        scan = scan with { Refusals = refusals?.Read(scan.Time) };
        log.AppendOnce("scan", state: null, "scans again");
        log.AppendOnce(
            "trust",
            scan.State.Distrust,
            scan.State.Distrust is { } distrust
                ? $"no verdict is possible: {PrintableText.Escape(distrust)}"
                : "the numbers of /proc are the kernel's again"
        );
        NoteMode(scan.State);
        var degradation = access.Evaluate(scan);
        log.AppendOnce(
            "access",
            degradation?.Reason,
            degradation is null ? "the mappings of all processes can be read again" : $"DEGRADED: {degradation.Message}"
        );
        log.AppendOnce(
            "names",
            names.Problem,
            names.Problem is null
                ? "the kubelet's log folders can be read again"
                : $"pods are reported by uid only, the kubelet's log folders cannot be listed: {PrintableText.Escape(names.Problem)}"
        );
        log.AppendOnce(
            "what-if",
            node.WhatIfProblem,
            node.WhatIfProblem is null
                ? "every what-if that is asked for is scanned again"
                : $"a what-if is left out: {PrintableText.Escape(node.WhatIfProblem)}"
        );
        metrics.Scanned(scan, degradation);
        health.Scanned(settings.Interval);
        writer.Offer(scan, degradation);
    }

    private void NoteMode(in KernelState state)
    {
        if (_last is not { } last)
        {
            log.Append(
                $"overcommit mode {ModeText.Name(state.Mode)}: {ModeText.Rule(state)}, limit {LimitText(state)}"
            );
        }
        else if (last.Mode != state.Mode)
        {
            metrics.ModeChanged();
            log.Append(
                $"overcommit mode changed: vm.overcommit_memory was {(int)last.Mode} and is now {(int)state.Mode}: {ModeText.Rule(state)}, limit {LimitText(state)}"
            );
        }

        _last = state;
    }

    private static string LimitText(in KernelState state) =>
        AccountingRule.LimitOf(state, state.Mode) is { } limit ? SizeText.Bytes(limit) : "none";
}
