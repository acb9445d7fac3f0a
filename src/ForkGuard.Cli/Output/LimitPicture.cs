using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Messages;

namespace ForkGuard.Cli.Output;

/// <summary>Every limit of a process as a bar, each to its own scale.</summary>
internal static class LimitPicture
{
    // Type, percentage and the spaces between.
    private const int FixedColumns = 27;

    internal static void Write(TextWriter to, IReadOnlyList<ConstraintReport> constraints, int columns)
    {
        List<ConstraintReport> drawn =
        [
            .. constraints.Where(constraint =>
                constraint.Problem is null && !ConstraintTraits.Of(constraint.Type.Known).IsState
            ),
        ];
        if (drawn.Count == 0)
        {
            return;
        }

        var width = Math.Clamp((columns - FixedColumns) / 2, 16, 100);
        var room = Math.Max(columns - FixedColumns - width - 1, 8);
        to.WriteLine("Limits, each to its own scale, drawn as |:");
        foreach (var constraint in drawn)
        {
            var used = (ulong)Math.Max(constraint.Used, 0);
            var limit = (ulong)Math.Max(constraint.Limit, 0);
            var mark = constraint.Refuses == true ? '>' : ' ';
            var atMost = constraint.Confidence == Confidence.UpperBound ? "≤" : "";
            var bar = ScaleBar.Of(used, limit, Math.Max(used, limit), width);
            to.WriteLine(
                TerminalText.Fit(
                    $"{mark} {constraint.Type.Text, -16} {atMost + constraint.Percent, 5} % {bar} {TerminalText.Fit(ConstraintText.UsedOfLimit(constraint), room)}",
                    columns
                )
            );
        }

        to.WriteLine();
    }
}
