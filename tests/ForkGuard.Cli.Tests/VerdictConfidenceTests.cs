using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Checking;

namespace ForkGuard.Cli.Tests;

public class VerdictConfidenceTests
{
    [Theory]
    [InlineData(1, 300, null, Confidence.Exact)]
    [InlineData(1, 300, 299L, Confidence.Exact)]
    [InlineData(1, 300, 300L, Confidence.Estimate)]
    public void Room_for_a_fork_is_certain_only_without_reclaim(
        long used,
        long limit,
        long? uncertainty,
        Confidence expected
    )
    {
        var report = new ProcessReport
        {
            Verdict = Verdict.CanFork,
            Constraints =
            [
                new ConstraintReport
                {
                    Type = ConstraintType.ContainerMemory,
                    Unit = ConstraintUnit.Bytes,
                    Used = used,
                    Limit = limit,
                    Confidence = Confidence.UpperBound,
                    Uncertainty = uncertainty,
                },
            ],
        };

        Assert.Equal(expected, VerdictConfidence.Of(report));
    }
}
