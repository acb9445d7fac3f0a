using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Cli.Output;

/// <summary>Urgency of a row, which the verdict column has in words.</summary>
internal enum RowColour
{
    Plain,
    Heading,
    Warning,
    Refusal,
}

/// <summary>Colours of rows, and their escape sequences (ECMA-48, SGR).</summary>
internal static class RowColours
{
    internal const string Reset = "\u001b[0m";

    internal static RowColour Of(ConstraintReport ofMachine) =>
        ofMachine.Refuses == true ? RowColour.Refusal : RowColour.Warning;

    internal static RowColour Of(ProcessReport process) =>
        process.Verdict == Verdict.CannotFork ? RowColour.Refusal
        : process.Verdict == Verdict.Unknown || ProcessRow.IsAtRisk(process.Binding()) ? RowColour.Warning
        : RowColour.Plain;

    /// <summary>NO_COLOR is set, to anything but the empty text (no-color.org).</summary>
    internal static bool AreOff => Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };

    /// <summary>The line with its colour. Bold is not a colour.</summary>
    internal static string Paint(string line, RowColour colour) =>
        colour switch
        {
            RowColour.Heading => $"\u001b[1m{line}{Reset}",
            RowColour.Warning when !AreOff => $"\u001b[33m{line}{Reset}",
            RowColour.Refusal when !AreOff => $"\u001b[31m{line}{Reset}",
            _ => line,
        };
}
