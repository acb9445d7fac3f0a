using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Output;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Node.Scanning;
using ForkGuard.Policy.Messages;

namespace ForkGuard.Cli.Checking;

/// <summary>The result of check in words.</summary>
internal static class CheckText
{
    private const int FieldIndent = 19;

    internal static void Write(
        TextWriter to,
        ProcessCheck check,
        in KernelState state,
        string release,
        ProbeResult? probe,
        int columns
    )
    {
        var report = check.Report;
        var name =
            report.Command.Length > 0 ? $"{PrintableText.Escape(report.Command)} ({report.Pid})" : $"{report.Pid}";
        to.WriteLine($"{name}: {Headline(check, state)}");
        if (!check.Exists)
        {
            return;
        }

        if (check.Status == ReadStatus.NoAddressSpace)
        {
            Field(to, "note", ProblemText.Of(check.Status), columns);
            return;
        }

        if (check.RefusedByPolicy is { } refusal)
        {
            Field(to, "refuses", refusal, columns);
        }

        foreach (var constraint in report.Constraints ?? [])
        {
            Field(to, constraint.Type.Text, ConstraintLine.Of(constraint), columns);
            WriteDetails(to, constraint, columns);
        }

        Field(
            to,
            "mode",
            $"{ModeText.Name(state.Mode)} on kernel {PrintableText.Escape(release)}: {ModeText.Rule(state)}",
            columns
        );
        WriteNotes(to, check, columns);
        WriteProbe(to, probe, columns);
        WriteForkTime(to, check.ForkTime, columns);
        WriteSnapshot(to, report, columns);
        if (check.SaveAdvice is { } advice)
        {
            Field(to, "  if it saves", advice, columns);
        }

        WriteAdvice(to, check.Advice, columns);
    }

    private static string Headline(ProcessCheck check, in KernelState state) =>
        !check.Exists
            ? ProblemText.Of(ReadStatus.Gone) + HiddenText.OfMissing(state.HidesProcesses)
            : check.Report.Verdict.Known switch
            {
                Verdict.CanFork when check.Confidence == Confidence.Exact => "can fork",
                Verdict.CanFork => "can fork, as far as can be read",
                Verdict.CannotFork => "CANNOT FORK",
                Verdict.NotApplicable => "not applicable, it never forks",
                _ => "unknown",
            };

    private static void WriteDetails(TextWriter to, ConstraintReport constraint, int columns)
    {
        if (constraint.Mapping is { } mapping)
        {
            var label = mapping.Name is null ? "anonymous" : PrintableText.Escape(mapping.Name);
            Field(to, "  mapping", $"{mapping.Start}-{mapping.End} {label}", columns);
        }

        if (constraint.Zombies is > 0 and var zombies)
        {
            var parent = constraint.ZombieParent is { } p
                ? $", not reaped by {PrintableText.Escape(p.Command)} ({p.Pid})"
                : "";
            Field(to, "  zombies", $"{zombies}{parent}", columns);
        }

        if (constraint.Refused is > 0 and var refused)
        {
            Field(to, "  refused", $"{refused} {(refused == 1 ? "fork" : "forks")} since the cgroup exists", columns);
        }
    }

    private static void WriteNotes(TextWriter to, ProcessCheck check, int columns)
    {
        if (check.Problem is { } problem)
        {
            Field(to, "note", PrintableText.Escape(problem), columns);
        }

        foreach (var name in check.Report.NotChecked ?? [])
        {
            Field(to, "not checked", NotCheckedText.Of(name), columns);
        }
    }

    private static void WriteProbe(TextWriter to, ProbeResult? probe, int columns)
    {
        if (probe is { } p)
        {
            var answer = p.IsGranted ? "granted" : $"refused (errno {p.Errno})";
            var agrees = p.Agrees ? "as the verdict" : "NOT as the verdict";
            Field(to, "probe", $"a mapping of {SizeText.Bytes(p.Bytes)} was {answer}: {agrees}", columns);
        }
    }

    private static void WriteForkTime(TextWriter to, ForkTime? time, int columns)
    {
        if (time is { } t)
        {
            var low = t.Shortest.TotalMilliseconds;
            var high = t.Longest.TotalMilliseconds;
            Field(
                to,
                "fork time",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{low:0.##} to {high:0.##} ms on an idle machine, an estimate; the process stands still meanwhile"
                ),
                columns
            );
        }
    }

    private static void WriteSnapshot(TextWriter to, ProcessReport report, int columns)
    {
        if (report.Snapshot is { } snapshot)
        {
            var kills = OomKillText.Of(report) is { } kill ? $"; {kill}" : "";
            var reclaimable = snapshot.ReclaimableBytes is { } more
                ? $" and up to {SizeText.Bytes(more)} by reclaim and swap"
                : "";
            Field(
                to,
                "snapshot",
                $"room {SizeText.Bytes(snapshot.RoomBytes)}{reclaimable}, a save may need up to {SizeText.Bytes(snapshot.WorstCaseBytes)}{kills}",
                columns
            );
        }
    }

    private static void WriteAdvice(TextWriter to, IReadOnlyList<string> advice, int columns)
    {
        if (advice.Count > 0)
        {
            to.WriteLine("  what to do, one of:");
        }

        foreach (var sentence in advice)
        {
            var mark = "    - ";
            foreach (var line in TerminalText.Lines(sentence, columns - mark.Length))
            {
                to.WriteLine(mark + line);
                mark = "      ";
            }
        }
    }

    private static void Field(TextWriter to, string name, string text, int columns)
    {
        var label = name;
        foreach (var line in TerminalText.Lines(text, columns - FieldIndent))
        {
            to.WriteLine($"  {label, -17}{line}");
            label = "";
        }
    }
}
