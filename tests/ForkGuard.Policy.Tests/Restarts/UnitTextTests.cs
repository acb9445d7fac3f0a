using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>Words about a systemd unit of a host, which stands where a pod stands in a cluster.</summary>
public class UnitTextTests
{
    private static readonly PodReference Unit = new()
    {
        Namespace = "",
        Name = "redis.service",
        Uid = GivenRestart.PodUid,
    };

    private static RestartRequest Request =>
        GivenRestart.Request with
        {
            Pod = Unit,
            Method = new OpenEnum<RestartMethod>("Restart"),
        };

    public static TheoryData<string, string> Sentences =>
        new()
        {
            { "Terminating", "systemd starts, stops or restarts the unit already" },
            {
                "Static",
                "the unit may not be restarted by hand (RefuseManualStart=, RefuseManualStop=, or nothing to start); raise its limit, or remove it from hostProcesses.units"
            },
            {
                "Critical",
                "the host depends on the unit: systemd's own units, D-Bus, logins, the network and ForkGuard are never restarted; raise its limit, or remove it from hostProcesses.units"
            },
            { "Unmanaged", "unit redis.service is masked" },
            { "ReportMismatch", "the unit was restarted after the reading" },
            { "DryRun", "would restart it by Restart; redis-server is at 95 % of the limit" },
            { "CircuitOpen", "3 restarts on this host failed within an hour; no restarts before 13:00:00 UTC" },
        };

    [Theory]
    [MemberData(nameof(Sentences))]
    public void A_gate_about_a_unit(string gate, string sentence)
    {
        var pod = GivenRestart.Pod;
        var facts = gate switch
        {
            "Terminating" => GivenRestart.Facts with { Pod = pod with { IsTerminating = true } },
            "Static" => GivenRestart.Facts with { Pod = pod with { IsStatic = true } },
            "Critical" => GivenRestart.Facts with { Pod = pod with { IsCritical = true } },
            "Unmanaged" => GivenRestart.Facts with { Owner = null, Unmanaged = "unit redis.service is masked" },
            "ReportMismatch" => GivenRestart.Facts with { Pod = pod with { Uid = "uid-9" } },
            "CircuitOpen" => GivenRestart.Facts with
            {
                Failures = [new(Given.At(0)), new(Given.At(0)), new(Given.At(0))],
            },
            _ => GivenRestart.Facts,
        };
        var request = Request with { IsDryRun = gate == "DryRun" };
        var blocks = RestartGates.Blocks(new GateInput(null, request, facts, RestartBudget.Default, Given.At(0)));
        Assert.Contains(new RestartBlock(Enum.Parse<BlockReason>(gate), sentence), blocks);
    }

    [Fact]
    public void The_record_of_a_unit_names_no_pod()
    {
        var decided = GivenRestart.Written(Input(record: null, Request));
        Assert.Equal("Restart", decided.Restart!.Method.Text);
        var called = GivenRestart.Written(Input(decided, Request));
        Assert.Equal("restart of unit redis.service is requested", MessageOf(called));
        var accepted = GivenRestart.Written(
            Input(called, Request) with
            {
                Answer = new CallAnswer(CallAnswerKind.Accepted, ""),
            }
        );
        Assert.Equal("systemd restarts unit redis.service", MessageOf(accepted));
        var again = GivenRestart.Facts with { Siblings = [GivenRestart.Sibling("uid-8") with { Name = Unit.Name }] };
        var proving = GivenRestart.Written(Input(accepted, request: null) with { Facts = again });
        Assert.Equal("unit redis.service runs again and must stay below 90 %", MessageOf(proving));
    }

    [Fact]
    public void A_unit_that_cannot_start_again_ends_the_restart_at_once()
    {
        var replacing = Replacing();
        var facts = GivenRestart.Facts with { NotReplaced = "unit redis.service failed" };
        var ended = GivenRestart.Written(Input(replacing, request: null) with { Facts = facts });
        Assert.Equal(RestartResult.NotReplaced, ended.Result);
        Assert.Equal("unit redis.service failed", ended.History![0].Message);
        Assert.NotNull(ended.Cooldown);
    }

    [Fact]
    public void A_unit_that_does_not_become_active_ends_by_its_time_out()
    {
        var late = Input(Replacing(), request: null) with { Now = Given.At(100_000) };
        var ended = GivenRestart.Written(late);
        Assert.Equal("unit redis.service was not active again within 25 min", ended.History![0].Message);
    }

    [Theory]
    [InlineData(true, "systemd did not answer, and the unit was not restarted")]
    [InlineData(false, "forkguard ended during the call, and the unit was not restarted")]
    public void A_call_without_an_answer_fails_in_the_end(bool isOurs, string message)
    {
        var called = GivenRestart.Written(Input(GivenRestart.Written(Input(record: null, Request)), Request));
        var late = Input(called, request: null) with { Now = Given.At(100_000) };
        var ended = GivenRestart.Written(
            isOurs ? late : late with { Now = Given.At(100), Writer = GivenRestart.Writer with { Identity = "other" } }
        );
        Assert.Equal(RestartResult.CallFailed, ended.Result);
        Assert.Equal(message, ended.History![0].Message);
    }

    private static ForkRestartStatus Replacing()
    {
        var called = GivenRestart.Written(Input(GivenRestart.Written(Input(record: null, Request)), Request));
        return GivenRestart.Written(
            Input(called, Request) with
            {
                Answer = new CallAnswer(CallAnswerKind.Accepted, ""),
            }
        );
    }

    private static RestartInput Input(ForkRestartStatus? record, RestartRequest? request) =>
        GivenRestart.Input with
        {
            Record = record,
            Request = request,
            Now = Given.At(0),
        };

    private static string? MessageOf(ForkRestartStatus record) => record.Conditions![^1].Message;
}
