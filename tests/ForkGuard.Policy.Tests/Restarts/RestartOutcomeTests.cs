using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>Texts and conditions of a record, which people read with kubectl describe.</summary>
public sealed class RestartOutcomeTests
{
    private static readonly SiblingPod Replacement = new("uid-9", "redis-x", "node-b", "set-1", true, false);
    private static readonly SiblingPod Other = GivenRestart.Sibling("uid-2");

    private static ForkRestartStatus Decided =>
        GivenRestart.Written(GivenRestart.Input with { Request = GivenRestart.Request });

    private static ForkRestartStatus Replacing =>
        GivenRestart.Written(At(GivenRestart.Called(), 2) with { Facts = GivenRestart.Facts with { Pod = null } });

    private static ForkRestartStatus Proving => GivenRestart.Written(At(Replacing, 10, Other, Replacement));

    [Fact]
    public void Each_state_says_what_it_waits_for()
    {
        AssertInProgress(Decided, "Decided", "ForkWatch shop/redis: redis-server is at 95 % of the limit");
        AssertInProgress(GivenRestart.Called(), "Called", "Evict of pod redis-uid-1 is requested");
        AssertInProgress(Replacing, "Replacing", "pod redis-uid-1 ends; its replacement is awaited");
        AssertInProgress(
            Proving,
            "Proving",
            "pod redis-x replaced pod redis-uid-1 and must stay below 90 %",
            since: Given.Start
        );
    }

    [Fact]
    public void A_call_without_an_answer_ends_with_its_reason()
    {
        AssertEnded(
            GivenRestart.Written(At(GivenRestart.Called(), 602)),
            "CallFailed",
            "Unknown",
            "the API server did not answer, and the pod is still there"
        );
        AssertEnded(
            GivenRestart.Written(
                At(GivenRestart.Called(), 32) with
                {
                    Writer = GivenRestart.Writer with { LeaseTransitions = 4, Identity = "pod-2" },
                }
            ),
            "CallFailed",
            "Unknown",
            "the controller that called the API server ended, and the pod is still there"
        );
    }

    [Fact]
    public void A_wait_for_a_replacement_ends_with_its_reason()
    {
        AssertEnded(
            GivenRestart.Written(At(Replacing, 2000, Other)),
            "NotReplaced",
            "False",
            "no replacement of pod redis-uid-1 was Ready within 25 min"
        );
        AssertEnded(
            OwnedBy(GivenRestart.Workload with { Uid = "owner-2" }),
            "OwnerGone",
            "Unknown",
            "the workload was deleted"
        );
        AssertEnded(
            OwnedBy(GivenRestart.Workload with { TemplateHash = "template-2" }),
            "Superseded",
            "Unknown",
            "the pod template of the workload was changed"
        );
        AssertEnded(
            OwnedBy(GivenRestart.Workload with { Replicas = 2 }),
            "Superseded",
            "Unknown",
            "the workload was scaled down to 2 replicas"
        );
    }

    [Fact]
    public void A_proof_ends_with_its_reason()
    {
        AssertEnded(
            Proven(3700, new ReplacementReading(ProofLevel.Below, 20, Given.At(3650))),
            "Helped",
            "True",
            "pod redis-x stayed below 90 % for 60 min"
        );
        AssertEnded(
            Proven(60, new ReplacementReading(ProofLevel.AtOrAbove, 93, Given.At(50))),
            "DidNotHelp",
            "False",
            "pod redis-x reached 93 % again (actAtPercent is 90)"
        );
        AssertEnded(
            Proven(60, new ReplacementReading(ProofLevel.Changed, 93, Given.At(50))),
            "Unproven",
            "Unknown",
            "the overcommit mode or the limit of pod redis-x is another one"
        );
        AssertEnded(Proven(8000, reading: null), "Unproven", "Unknown", "no report about pod redis-x for 2 h");
    }

    [Fact]
    public void A_replacement_that_ends_itself_proves_nothing()
    {
        var pods = new[] { Other, Replacement with { IsTerminating = true } };
        var message = "pod redis-x ended before it was proven";

        AssertEnded(GivenRestart.Written(At(Proving, 60, Other)), "Unproven", "Unknown", message);
        AssertEnded(GivenRestart.Written(At(Proving, 60, pods)), "Unproven", "Unknown", message);
        Assert.Equal(Given.At(3610), RestartMachine.Step(At(Proving, 60, Other, Replacement)).Again);
    }

    [Fact]
    public void A_restart_that_was_not_carried_out_says_so()
    {
        AssertCondition(
            GivenRestart.Written(GivenRestart.Input with { Record = Decided }),
            "InProgress",
            "False",
            "Withdrawn",
            "the restart was not carried out"
        );
        AssertCondition(
            GivenRestart.Written(GivenRestart.Input with { Record = Decided with { Restart = null } }),
            "InProgress",
            "False",
            "Incomplete",
            "the state of the record did not fit its restart"
        );
    }

    private static ForkRestartStatus OwnedBy(OwnerFacts owner) =>
        GivenRestart.Written(At(Replacing, 20, Other) with { Facts = GivenRestart.Facts with { Owner = owner } });

    private static ForkRestartStatus Proven(double second, ReplacementReading? reading)
    {
        var input = At(Proving, second, Other, Replacement);
        return GivenRestart.Written(input with { Facts = input.Facts with { Reading = reading } });
    }

    private static RestartInput At(ForkRestartStatus record, double second, params SiblingPod[] siblings) =>
        GivenRestart.Input with
        {
            Record = record,
            Facts = siblings is [] ? GivenRestart.Facts : GivenRestart.Facts with { Pod = null, Siblings = siblings },
            Now = Given.At(second),
        };

    private static void AssertInProgress(
        ForkRestartStatus record,
        string reason,
        string message,
        DateTimeOffset? since = null
    )
    {
        AssertCondition(record, "InProgress", "True", reason, message);
        Assert.Equal(since ?? Given.Start, record.Conditions![0].LastTransitionTime);
    }

    private static void AssertEnded(ForkRestartStatus record, string result, string helped, string message)
    {
        Assert.Equal(message, record.History![0].Message);
        Assert.Equal(GivenRestart.Request.Reason, record.History[0].Reason);
        AssertCondition(record, "InProgress", "False", result, message);
        AssertCondition(record, "Helped", helped, result, message);
        Assert.Equal(2, record.Conditions!.Count);
    }

    private static void AssertCondition(
        ForkRestartStatus record,
        string type,
        string status,
        string reason,
        string message
    )
    {
        var condition = Assert.Single(record.Conditions!, condition => condition.Type == type);
        Assert.Equal((status, reason, message), (condition.Status, condition.Reason, condition.Message));
    }
}
