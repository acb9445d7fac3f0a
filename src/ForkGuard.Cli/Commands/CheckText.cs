using ForkGuard.Api;
using ForkGuard.Cli.Output;
using ForkGuard.Cli.Remedies;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Scanning;

namespace ForkGuard.Cli.Commands;

/// <summary>The answer of check in words.</summary>
internal static class CheckText
{
    internal static void Write(
        TextWriter to,
        in ProcessReading reading,
        in KernelState state,
        string release,
        ProbeResult? probe,
        int columns
    )
    {
        var name =
            reading.Command.Length > 0 ? $"{PrintableText.Escape(reading.Command)} ({reading.Pid})" : $"{reading.Pid}";
        var assessment = reading.Assessment;
        to.WriteLine($"{name}: {Headline(reading)}");
        if (reading.Status == ReadStatus.Gone)
        {
            return;
        }

        if (reading.Status == ReadStatus.NoAddressSpace)
        {
            Field(to, "note", ProblemText.Of(reading.Status));
            return;
        }

        Field(
            to,
            "mode",
            $"{ModeText.Name(state.Mode)} on kernel {PrintableText.Escape(release)}: {ModeText.Rule(state)}"
        );
        if (reading.Status is not ReadStatus.Ok)
        {
            Field(to, "note", ProblemText.Of(reading.Status));
        }

        if (state.Distrust is { } distrust)
        {
            Field(to, "note", PrintableText.Escape(distrust));
        }

        if (assessment.Constraint == ForkConstraint.None)
        {
            return;
        }

        WriteNumbers(to, reading);
        if (probe is { } p)
        {
            var answer = p.IsGranted ? "granted" : $"refused (errno {p.Errno})";
            Field(
                to,
                "probe",
                $"a mapping of {SizeText.Bytes(p.Bytes)} was {answer}: {(p.Agrees ? "as the verdict says" : "NOT as the verdict says")}"
            );
        }

        var remedies = Remedy.For(reading, state);
        if (remedies.Count > 0)
        {
            to.WriteLine("  what to do, one of:");
            foreach (var remedy in remedies)
            {
                WriteItem(to, remedy, columns);
            }
        }
    }

    private static void WriteItem(TextWriter to, string text, int columns)
    {
        var mark = "    - ";
        foreach (var line in TerminalText.Lines(text, columns - mark.Length))
        {
            to.WriteLine(mark + line);
            mark = "      ";
        }
    }

    private static void WriteNumbers(TextWriter to, in ProcessReading reading)
    {
        var assessment = reading.Assessment;
        var atMost = assessment.IsBound ? "at most " : "";
        if (assessment.Used > long.MaxValue / 2)
        {
            Field(to, "used", "not even the size could be read");
            return;
        }

        Field(
            to,
            "used",
            $"{atMost}{SizeText.Bytes(assessment.Used)}, {assessment.Percent} % of the limit{OwnPart(assessment)}"
        );
        Field(to, "limit", SizeText.Bytes(assessment.Limit));
        var headroom = CheckResult.Headroom(assessment);
        var bound =
            !assessment.IsBound ? ""
            : headroom >= 0 ? "at least "
            : "at most ";
        Field(to, headroom >= 0 ? "headroom" : "over by", bound + SizeText.Bytes(Math.Abs(headroom)));
        if (reading.Mapping.Bytes > 0)
        {
            var mapping = reading.Mapping;
            var label = mapping.Name.Length == 0 ? "anonymous" : PrintableText.Escape(mapping.Name);
            Field(to, "mapping", $"{mapping.Start:x}-{mapping.End:x} {label}, {SizeText.Bytes(mapping.Bytes)}");
        }

        Field(to, "confidence", ConfidenceText(assessment));
    }

    private static string Headline(in ProcessReading reading) =>
        reading.Status == ReadStatus.Gone
            ? ProblemText.Of(reading.Status)
            : reading.Assessment.Verdict switch
            {
                ForkVerdict.CanFork => "can fork",
                ForkVerdict.CannotFork => "CANNOT FORK",
                ForkVerdict.NotApplicable => "not applicable, no fork of it is refused for memory accounting",
                _ => "unknown",
            };

    private static string OwnPart(in Assessment assessment) =>
        assessment.Constraint == ForkConstraint.CommitCharge
            ? $" ({SizeText.Bytes(assessment.Own)} of it for this fork)"
            : "";

    private static string ConfidenceText(in Assessment assessment) =>
        assessment switch
        {
            { IsExact: true } => "exact",
            { Verdict: ForkVerdict.Unknown, IsBound: false } => "none",
            { IsBound: true } => "an upper bound: the kernel's flags could not be read",
            { IsMomentary: true } => "an estimate: the limit moves with the free memory",
            _ =>
                $"an estimate: within {SizeText.Bytes(assessment.Error)} of the limit the kernel's own counter may differ",
        };

    private static void Field(TextWriter to, string name, string text) => to.WriteLine($"  {name, -11}{text}");
}
