using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>The transitions of a restart, one at a time.</summary>
public sealed class RestartMachineTests
{
    private static RestartInput Called =>
        GivenRestart.Input with
        {
            Record = GivenRestart.Called(),
            Version = "2",
            Request = GivenRestart.Request,
            Now = Given.At(2),
        };

    private static RestartFacts PodGone => GivenRestart.Facts with { Pod = null };

    private static ForkRestartStatus Replacing =>
        GivenRestart.Written(Called with { Answer = new CallAnswer(CallAnswerKind.Accepted, "") });

    [Fact]
    public void A_decision_begins_the_cooldown_and_is_written_before_it_is_called()
    {
        var step = RestartMachine.Step(GivenRestart.Input with { Request = GivenRestart.Request });

        Assert.False(step.Call);
        Assert.True(step.Continue);
        Assert.Equal(RestartState.Decided, step.Put!.State);
        Assert.Equal(Given.At(3600), step.Put.Cooldown!.Until);
        Assert.Equal(["uid-1", "uid-2", "uid-3"], step.Put.Restart!.Siblings);
    }

    /// <summary>An operator's object of two workloads, the second of which was restarted before.</summary>
    [Fact]
    public void A_record_names_the_owners_below_all_of_its_restarts_the_last_ones_first()
    {
        static RestartOwner Set(string name) =>
            new()
            {
                ApiVersion = "apps/v1",
                Kind = "ReplicaSet",
                Name = name,
            };
        var step = RestartMachine.Step(
            GivenRestart.Input with
            {
                Record = GivenRestart.Cooling(-7200, -3600) with { OwnersBelow = [Set("b"), Set("a")] },
                Version = "2",
                Request = GivenRestart.Request,
                Facts = GivenRestart.Facts with { OwnersBelow = [Set("a"), Set("c")] },
            }
        );

        Assert.Equal(["a", "c", "b"], step.Put!.OwnersBelow!.Select(owner => owner.Name), StringComparer.Ordinal);
    }

    [Fact]
    public void A_decision_of_an_earlier_term_is_withdrawn()
    {
        var decided = GivenRestart.Written(GivenRestart.Input with { Request = GivenRestart.Request });
        var step = RestartMachine.Step(
            GivenRestart.Input with
            {
                Record = decided,
                Writer = GivenRestart.Writer with { LeaseTransitions = 4, Identity = "pod-2" },
            }
        );

        Assert.Equal(RestartState.Idle, step.Put!.State);
        Assert.Null(step.Put.Cooldown);
        Assert.Null(step.Put.History);
    }

    [Fact]
    public void A_decision_over_budget_is_withdrawn_with_its_reason()
    {
        var decided = GivenRestart.Written(GivenRestart.Input with { Request = GivenRestart.Request });
        var step = RestartMachine.Step(
            GivenRestart.Input with
            {
                Record = decided,
                Version = "9",
                Request = GivenRestart.Request,
                Facts = GivenRestart.Facts with { Open = [GivenRestart.Open(node: GivenRestart.Node)] },
            }
        );

        Assert.Equal(RestartState.Idle, step.Put!.State);
        Assert.Equal([BlockReason.Budget], step.Blocks.Select(block => block.Reason));
    }

    [Fact]
    public void A_record_of_a_later_term_is_not_touched()
    {
        var step = RestartMachine.Step(Called with { Writer = GivenRestart.Writer with { LeaseTransitions = 2 } });

        Assert.True(step.EndsTerm);
        Assert.Null(step.Put);
        Assert.Equal(BlockReason.NotLeader, step.Blocks[0].Reason);
    }

    [Theory]
    [InlineData("Deployment", "uid-9", "redis-x", "node-b", "set-1", true)]
    [InlineData("Deployment", "uid-2", "redis-x", "node-b", "set-1", false)]
    [InlineData("Deployment", "uid-9", "redis-x", "node-b", "set-2", false)]
    [InlineData("StatefulSet", "uid-9", "redis-uid-1", "node-b", "owner-1", true)]
    [InlineData("StatefulSet", "uid-9", "redis-x", "node-b", "owner-1", false)]
    [InlineData("DaemonSet", "uid-9", "redis-x", "node-a", "owner-1", true)]
    [InlineData("DaemonSet", "uid-9", "redis-x", "node-b", "owner-1", false)]
    public void A_replacement_is_known_by_uid_and_by_the_rule_of_its_owner(
        string kind,
        string uid,
        string name,
        string node,
        string controller,
        bool isReplacement
    )
    {
        var step = Replaced(
            GivenRestart.Workload with
            {
                Owner = GivenRestart.Owner with { Kind = kind },
            },
            new SiblingPod(uid, name, node, controller, IsReady: true, IsTerminating: false)
        );

        Assert.Equal(isReplacement, step.Put?.State == RestartState.Proving);
    }

    [Theory]
    [InlineData("StatefulSet", "redis-uid-1", "node-b", true)]
    [InlineData("StatefulSet", "redis-x", "node-a", false)]
    [InlineData("DaemonSet", "redis-x", "node-a", true)]
    [InlineData("DaemonSet", "redis-uid-1", "node-b", false)]
    public void A_replacement_of_an_operators_workload_is_known_by_the_rule_of_its_template_owner(
        string kind,
        string name,
        string node,
        bool isReplacement
    )
    {
        var template = new TemplateOwner
        {
            ApiVersion = "apps/v1",
            Kind = kind,
            Name = "redis",
            Uid = "template-owner-1",
        };
        var workload = GivenRestart.Workload with
        {
            Owner = GivenRestart.Owner with { Kind = "Cluster" },
            TemplateOwner = template,
        };
        var pod = new SiblingPod("uid-9", name, node, "set-1", IsReady: true, IsTerminating: false);

        Assert.Equal(isReplacement, Replaced(workload, pod).Put?.State == RestartState.Proving);
    }

    [Fact]
    public void Without_a_Ready_replacement_the_restart_ends_after_grace_deadline_and_a_quarter()
    {
        var pending = new SiblingPod("uid-9", "redis-x", "node-b", "set-1", IsReady: false, IsTerminating: false);

        Assert.Null(Replaced(GivenRestart.Workload, pending, second: 2 + 30 + 600 + 899).Put);
        Assert.Equal(
            RestartResult.NotReplaced,
            Replaced(GivenRestart.Workload, pending, second: 2 + 30 + 600 + 900).Put!.Result
        );
    }

    [Theory]
    [InlineData(false, false, RestartResult.NotReplaced)]
    [InlineData(true, true, RestartResult.NotReplaced)]
    [InlineData(true, false, RestartResult.Unproven)]
    public void A_workload_that_cannot_be_read_and_has_no_pod_left_is_no_failure(
        bool isUnread,
        bool isLive,
        RestartResult result
    )
    {
        var ended = RestartMachine.Step(
            GivenRestart.Input with
            {
                Record = Replacing,
                Facts = PodGone with
                {
                    Owner = GivenRestart.Workload with { IsUnread = isUnread },
                    Siblings = [GivenRestart.Sibling("uid-2", terminating: !isLive)],
                },
                Now = Given.At(2 + 30 + 600 + 900),
            }
        );

        Assert.Equal(result, ended.Put!.Result);
    }

    [Theory]
    [InlineData("Deployment", RestartResult.Superseded)]
    [InlineData("Cluster", RestartResult.NotReplaced)]
    public void A_rollout_that_had_begun_before_the_decision_is_no_failure(string kind, RestartResult result)
    {
        var workload = GivenRestart.Workload with { Owner = GivenRestart.Owner with { Kind = kind } };
        var rolledOut = new SiblingPod("uid-9", "redis-x", "node-b", "set-2", IsReady: true, IsTerminating: false);

        Assert.Null(Replaced(workload, rolledOut, second: 2 + 30 + 600 + 899).Put);
        Assert.Equal(result, Replaced(workload, rolledOut, second: 2 + 30 + 600 + 900).Put!.Result);
    }

    [Theory]
    [InlineData(3600, 3600, 8100)]
    [InlineData(int.MaxValue, int.MaxValue, 8100)]
    [InlineData(int.MaxValue, 60, 4560)]
    public void At_most_an_hour_each_of_the_grace_period_and_the_progress_deadline_counts(
        int grace,
        int deadline,
        int within
    )
    {
        var decided = GivenRestart.Written(
            GivenRestart.Input with
            {
                Request = GivenRestart.Request,
                Facts = GivenRestart.Facts with
                {
                    Pod = GivenRestart.Pod with { GracePeriodSeconds = grace },
                    Owner = GivenRestart.Workload with { ProgressDeadline = TimeSpan.FromSeconds(deadline) },
                },
            }
        );

        Assert.Equal(within, decided.Restart!.ReplaceWithinSeconds);
    }

    [Fact]
    public void A_changed_template_fewer_replicas_and_a_new_owner_end_the_restart()
    {
        var pod = new SiblingPod("uid-9", "redis-x", "node-b", "set-1", IsReady: true, IsTerminating: false);

        Assert.Equal(
            [RestartResult.Superseded, RestartResult.Superseded, RestartResult.OwnerGone],
            new[]
            {
                GivenRestart.Workload with
                {
                    TemplateHash = "template-2",
                },
                GivenRestart.Workload with
                {
                    Replicas = 2,
                },
                GivenRestart.Workload with
                {
                    Uid = "owner-2",
                },
            }.Select(owner => Replaced(owner, pod).Put!.Result!.Value.Known!.Value)
        );
    }

    [Fact]
    public void A_replacement_helps_by_a_report_after_the_whole_proof()
    {
        Assert.Null(Proven(ProofLevel.Below, seen: 3600, second: 3605).Put);
        Assert.Equal(RestartResult.Helped, Proven(ProofLevel.Below, seen: 3610, second: 3611).Put!.Result);
    }

    [Theory]
    [InlineData(ProofLevel.AtOrAbove, 20, RestartResult.DidNotHelp)]
    [InlineData(ProofLevel.Changed, 20, RestartResult.Unproven)]
    public void A_report_within_the_proof_ends_it(ProofLevel level, double seen, RestartResult result) =>
        Assert.Equal(result, Proven(level, seen, second: 25).Put!.Result);

    [Fact]
    public void A_report_from_before_the_replacement_proves_nothing() =>
        Assert.Null(Proven(ProofLevel.AtOrAbove, seen: 10, second: 25).Put);

    [Fact]
    public void Without_reports_the_restart_ends_unproven_after_twice_the_time()
    {
        Assert.Null(Proven(level: null, seen: 0, second: 7209).Put);
        Assert.Equal(RestartResult.Unproven, Proven(level: null, seen: 0, second: 7210).Put!.Result);
    }

    [Fact]
    public void An_Idle_record_with_a_leftover_restart_loses_it_and_keeps_its_cooldown()
    {
        var leftover = GivenRestart.Called() with { State = RestartState.Idle };

        var step = RestartMachine.Step(
            GivenRestart.Input with
            {
                Record = leftover,
                Request = GivenRestart.Request,
                Now = Given.At(60),
            }
        );

        Assert.True(step.Continue);
        Assert.Equal(RestartState.Idle, step.Put!.State);
        Assert.Null(step.Put.Restart);
        Assert.Equal(leftover.Cooldown, step.Put.Cooldown);
        Assert.Equal([BlockReason.Cooldown], GivenRestart.BlocksOf(leftover));
        Assert.Equal([BlockReason.Cooldown], GivenRestart.BlocksOf(step.Put));
    }

    [Fact]
    public void A_state_without_a_restart_ends_and_keeps_its_cooldown()
    {
        var next = GivenRestart.Written(
            GivenRestart.Input with
            {
                Record = GivenRestart.Cooling(-60, 3600) with { State = RestartState.Called },
            }
        );

        Assert.Equal(RestartState.Idle, next.State);
        Assert.Equal(Given.At(3600), next.Cooldown!.Until);
    }

    [Theory]
    [InlineData(604_799, false)]
    [InlineData(604_800, true)]
    public void A_record_outlives_the_end_of_its_last_restart_by_the_longest_cooldown(double second, bool isRemoved) =>
        Assert.Equal(isRemoved, IsRemoved(GivenRestart.Past(GivenRestart.Ended(0, RestartResult.Helped)), second));

    [Theory]
    [InlineData(604_799, false)]
    [InlineData(604_800, true)]
    public void A_record_outlives_a_cooldown_that_a_watch_of_now_would_make_longer(double second, bool isRemoved) =>
        Assert.Equal(isRemoved, IsRemoved(GivenRestart.Cooling(0, 3600), second));

    [Theory]
    [InlineData(86_399, false)]
    [InlineData(86_400, true)]
    public void A_record_of_a_restart_that_was_not_carried_out_is_removed_after_a_day(double second, bool isRemoved) =>
        Assert.Equal(isRemoved, IsRemoved(GivenRestart.Past(), second));

    private static bool IsRemoved(ForkRestartStatus record, double second) =>
        RestartMachine
            .Step(GivenRestart.Input with { Record = record, CreatedTime = Given.Start, Now = Given.At(second) })
            .Remove;

    private static RestartStep Replaced(OwnerFacts owner, SiblingPod pod, double second = 10) =>
        RestartMachine.Step(
            GivenRestart.Input with
            {
                Record = Replacing with { Restart = Replacing.Restart! with { TemplateOwner = owner.TemplateOwner } },
                Facts = PodGone with { Owner = owner, Siblings = [GivenRestart.Sibling("uid-2"), pod] },
                Now = Given.At(second),
            }
        );

    private static RestartStep Proven(ProofLevel? level, double seen, double second)
    {
        var pod = new SiblingPod("uid-9", "redis-x", "node-b", "set-1", IsReady: true, IsTerminating: false);
        var proving = Replaced(GivenRestart.Workload, pod).Put!;
        return RestartMachine.Step(
            GivenRestart.Input with
            {
                Record = proving,
                Facts = PodGone with
                {
                    Siblings = [pod],
                    Reading = level is { } known ? new ReplacementReading(known, 91, Given.At(seen)) : null,
                },
                Now = Given.At(second),
            }
        );
    }
}
