using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Tests.Risk;

public sealed class AbsenceTests
{
    private static readonly ConstraintReport Unit = Of("/system.slice/web.service", 92);

    [Fact]
    public void A_list_without_a_sharer_proves_its_own_percentage() => Assert.Equal(10, BelowOf(Unit));

    [Theory]
    [InlineData(null, 50)]
    [InlineData(31, 31)]
    [InlineData(5, 10)]
    public void A_sharer_without_the_constraint_proves_what_it_left_out(int? omittedBelow, int below) =>
        Assert.Equal(below, BelowOf(Unit, With(Given.Exactly(95)) with { OmittedBelowPercent = omittedBelow }));

    [Theory]
    [InlineData("/system.slice", 94)]
    [InlineData("/", 94)]
    [InlineData("/system.slice/web.service/worker", 94)]
    [InlineData("…0123456789abcdef…/worker", 94)]
    [InlineData(null, 94)]
    [InlineData("/system.slice/web.service2", 31)]
    [InlineData("/docker/a", 31)]
    public void A_level_that_may_be_above_or_below_is_as_full_at_most(string? scope, int below) =>
        Assert.Equal(below, BelowOf(Unit, With(Of(scope, 93)) with { OmittedBelowPercent = 31 }));

    [Fact]
    public void The_highest_percentage_of_a_level_is_no_low_one() =>
        Assert.Equal(
            int.MaxValue,
            BelowOf(Unit, With(Of("/system.slice", int.MaxValue)) with { OmittedBelowPercent = 31 })
        );

    [Fact]
    public void A_level_that_was_not_read_proves_nothing() =>
        Assert.Null(BelowOf(Unit, With(Of(null, 0) with { Problem = "permission denied" })));

    [Theory]
    [InlineData(ConstraintType.ContainerMemory, ConstraintScope.Pod, false)]
    [InlineData(ConstraintType.CopyOnWrite, ConstraintScope.Node, true)]
    [InlineData(ConstraintType.LargestMapping, ConstraintScope.Process, true)]
    [InlineData(ConstraintType.CommitCharge, ConstraintScope.Node, true)]
    [InlineData(ConstraintType.Pids, ConstraintScope.Pod, false)]
    [InlineData(ConstraintType.UserProcesses, ConstraintScope.User, false)]
    public void A_save_is_usage_of_one_process_whoever_shares_the_limit(
        ConstraintType type,
        ConstraintScope scope,
        bool isOfProcess
    ) => Assert.Equal(isOfProcess, Absence.IsOfProcess(Unit with { Type = type, Scope = scope }));

    private static int? BelowOf(ConstraintReport absent, params ProcessReport[] sharers) =>
        Absence.BelowOf(absent, sharers, unlistedBelow: 10);

    private static ProcessReport With(ConstraintReport constraint) => Given.Process with { Constraints = [constraint] };

    private static ConstraintReport Of(string? scope, int percent) =>
        Given.Pids(percent) with
        {
            Scope = ConstraintScope.Cgroup,
            ScopeName = scope,
        };
}
