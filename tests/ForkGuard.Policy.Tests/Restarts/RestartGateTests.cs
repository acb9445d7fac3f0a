using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

public class RestartGateTests
{
    public static TheoryData<string> Names => [.. RestartGateCases.All.Keys];

    public static TheoryData<string> PassingNames => [.. RestartGateCases.Passing.Keys];

    [Fact]
    public void Where_nothing_speaks_against_it_a_pod_is_restarted() =>
        Assert.Empty(RestartGates.Vetoes(GivenRestart.Policy, GivenRestart.Facts, RestartBudget.Default, Given.Start));

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_gate_can_say_no_alone_and_says_why(string name)
    {
        var gate = RestartGateCases.All[name];

        var veto = Assert.Single(RestartGates.Vetoes(gate.Policy, gate.Facts, gate.Budget, Given.Start));

        Assert.Equal(new Veto(gate.Reason, gate.Message), veto);
    }

    [Theory]
    [MemberData(nameof(PassingNames))]
    public void Just_inside_its_bound_no_gate_says_no(string name)
    {
        var gate = RestartGateCases.Passing[name];

        Assert.Empty(RestartGates.Vetoes(gate.Policy, gate.Facts, gate.Budget, Given.Start));
    }

    [Fact]
    public void Every_veto_is_that_of_a_gate_that_was_seen_to_say_no() =>
        Assert.Equal(
            // Refused is an answer of the API server, and no gate.
            Enum.GetValues<BlockReason>().Where(veto => veto != BlockReason.Refused),
            RestartGateCases.All.Values.Select(gate => gate.Reason).Concat(ActionGateTests.Reasons).Distinct().Order()
        );

    [Fact]
    public void The_first_veto_is_the_one_that_makes_the_others_meaningless()
    {
        var everything = new RestartFacts
        {
            IsLeader = false,
            Report = new ReportFacts("another", "node-b", Given.At(-3600), Given.Scan),
            Pod = GivenRestart.Pod with
            {
                IsTerminating = true,
                IsCritical = true,
                HasLocalStorage = true,
                OptOut = "annotation",
                Owner = new OwnerFacts("Job", "shop", "import", OtherReady: 0),
            },
            Ledger = new LedgerFacts
            {
                LastRestart = Given.At(-60),
                Ineffective = 3,
                OpenOfWatch = 1,
            },
            DisruptionBlockedUntil = Given.At(30),
        };

        Assert.Equal(
            [
                BlockReason.NotLeader,
                BlockReason.StaleReport,
                BlockReason.ReportMismatch,
                BlockReason.Terminating,
                BlockReason.Critical,
                BlockReason.Job,
                BlockReason.OptedOut,
                BlockReason.LocalStorage,
                BlockReason.GaveUp,
                BlockReason.MinReadyReplicas,
                BlockReason.OutsideWindow,
                BlockReason.Cooldown,
                BlockReason.Budget,
                BlockReason.DisruptionBudget,
            ],
            Reasons(everything)
        );
    }

    [Fact]
    public void A_static_pod_comes_before_the_reasons_that_would_be_true_of_any_pod_of_the_kubelet()
    {
        var facts = GivenRestart.Facts with
        {
            Pod = GivenRestart.Pod with { IsStatic = true, IsCritical = true, Owner = null, HasLocalStorage = true },
        };

        Assert.Equal(
            [BlockReason.Static, BlockReason.Critical, BlockReason.LocalStorage, BlockReason.OutsideWindow],
            Reasons(facts)
        );
    }

    [Fact]
    public void A_pod_without_a_controller_comes_before_what_passes_by_itself()
    {
        var facts = GivenRestart.Facts with { Pod = GivenRestart.Pod with { Owner = null, OptOut = "annotation" } };

        Assert.Equal([BlockReason.Unmanaged, BlockReason.OptedOut, BlockReason.OutsideWindow], Reasons(facts));
    }

    // No window of 13:00 to 14:00 is open at noon.
    private static IEnumerable<BlockReason> Reasons(RestartFacts facts) =>
        RestartGates
            .Vetoes(
                GivenRestart.Policy with
                {
                    Windows = [new RestartWindow { Start = "13:00", End = "14:00" }],
                },
                facts,
                RestartBudget.Default,
                Given.Start
            )
            .Select(veto => veto.Reason);
}
