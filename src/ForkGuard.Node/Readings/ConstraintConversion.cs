using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Checks;
using static ForkGuard.Node.Readings.KernelConversion;

namespace ForkGuard.Node.Readings;

/// <summary>Converts a constraint as read to one of the API.</summary>
internal static class ConstraintConversion
{
    internal static ConstraintReport ToReport(this in ConstraintReading reading)
    {
        var report = new ConstraintReport
        {
            Type = reading.Type,
            Unit = reading.Unit,
            Scope = reading.Scope,
            ScopeName = reading.ScopeName.Length == 0 ? null : reading.ScopeName,
            Confidence = reading.IsBound || reading.Problem is not null ? Confidence.UpperBound : reading.Confidence,
        };
        return reading.Problem is { } problem
            ? report with
            {
                Problem = BoundedText.OfProblem(problem),
            }
            : report with
            {
                Used = Signed(reading.Used),
                Limit = Signed(reading.Limit),
                Percent = reading.Percent,
                Uncertainty = reading.Uncertainty > 0 ? Signed(reading.Uncertainty) : null,
                Refuses = reading.Refuses ? true : null,
                SecondsToLimit = reading.SecondsToLimit,
                Growing = reading.SecondsToLimit is null ? null : true,
            };
    }
}
