using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Checking;
using ForkGuard.Cli.Recording;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Commands;

/// <summary>One process with the machine that it was checked on.</summary>
/// <param name="Check">The process.</param>
/// <param name="State">The machine.</param>
/// <param name="Release">Its kernel.</param>
internal readonly record struct CheckRun(ProcessCheck Check, KernelState State, string Release)
{
    /// <summary>
    /// Reads a live process into a record. Null, with the reason on standard error, for a process that has ended or may not be
    /// read.
    /// </summary>
    internal static CheckRecord? Record(ProcRoot proc, KernelStateReader reader, in KernelState state, int pid)
    {
        var now = TimeProvider.System.GetUtcNow();
        var less = OwnCharge.TakenOff(state, reader, proc, now);
        using var checker = new ProcessChecker(proc, less);
        var live = checker.Read(pid, now, out var checks);
        if (live.Status != ReadStatus.Ok || checks is not { Status: ReadStatus.Ok })
        {
            var status = live.Status == ReadStatus.Ok ? checks?.Status ?? ReadStatus.Unsupported : live.Status;
            StandardError.WriteLine($"--record: {pid}: {ProblemText.Of(status)}");
            return null;
        }

        var facts = new RecordedFacts
        {
            Distrust = state.Distrust,
            OwnCommittedBytes = OwnCharge.Bytes(state, proc, now),
            MappingKind = KindOf(live.Report),
            Deadline = checks.Deadline,
            NotChecked = checks.NotChecked,
            Pids = checks.Pids,
            Readings = RecordedChecks.ToRecord(checks.Readings),
        };
        try
        {
            return ProcessRecorder.Record(proc, checks, facts, now);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            StandardError.WriteLine($"--record: {PrintableText.Escape(e.Message)}");
            return null;
        }
    }

    /// <summary>Evaluates a record. Null, with the reason on standard error, for one that cannot be evaluated.</summary>
    internal static CheckRun? Replay(CheckRecord record)
    {
        using var tree = new RecordedTree(record);
        var reader = new KernelStateReader(tree.Proc);
        if (!reader.TryRead(out var state, out var problem))
        {
            StandardError.WriteLine($"the record cannot be evaluated: {PrintableText.Escape(problem)}");
            return null;
        }

        state = state with
        {
            Distrust = record.Facts.Distrust,
            Committed = state.Committed - Math.Min(record.Facts.OwnCommittedBytes, state.Committed),
        };
        using var checker = new ProcessChecker(tree, state, record.Facts);
        return new CheckRun(checker.Read(record.Pid, record.RecordedTime), state, reader.ReleaseName);
    }

    private static MappingKind? KindOf(ProcessReport report) =>
        report
            .Constraints?.Select(constraint => constraint.Mapping?.Kind.Known)
            .FirstOrDefault(kind => kind is not null);
}
