using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Lab.Tests.Machine;

namespace ForkGuard.Lab.Tests.Runtimes;

/// <summary>Programs that grow until they can start no child: check says so before each of them does.</summary>
[Trait("Needs", "Machine")]
public sealed class RuntimeTests(RuntimeMachine machine, ITestOutputHelper output)
    : IClassFixture<RuntimeMachine>,
        IAsyncLifetime
{
    private const string NodeJs = "Node.js child_process";
    private const string Python = "Python multiprocessing";
    private const int MostSteps = 12;

    // A fork must charge more than check needs to run, or near the limit of mode 2 there is no check.
    private const int WrittenAtFirst = 64;
    private const int WrittenStep = 8;

    // Each step counts twice, once as committed and once as what the fork will charge. The limit is put in the middle of one.
    private const long RoomForSteps = 4 * 2 * WrittenStep + WrittenStep;

    private const int ReservedStep = 256;

    private Guest Guest => machine.Guest;

    public async ValueTask InitializeAsync() => await Guest.ResetAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(NodeJs)]
    [InlineData(Python)]
    public async Task In_mode_2_a_child_is_refused_when_check_says_so(string name)
    {
        // Before it starts: what is mapped without reserve counts in this mode only.
        await Guest.SetModeAsync(2);
        await Guest.SetAsync("vm/overcommit_ratio", 200);
        var runtime = RuntimeOf(name);
        var program = await GrowingProgram.StartAsync(Guest, runtime);
        await program.GrowAsync("write", WrittenAtFirst);
        // A first call loads what all later ones use.
        await program.StartChildAsync(runtime.Call);
        await LeaveRoomAsync(program);

        await AssertRefusedWhenCheckSaysSoAsync(runtime, program, "write", WrittenAtFirst, WrittenStep);
    }

    /// <summary>Memory that is never touched is enough: adjacent mappings merge until one is longer than all of RAM.</summary>
    [Theory]
    [InlineData(NodeJs)]
    [InlineData(Python)]
    public async Task In_mode_0_a_child_is_refused_when_check_says_so(string name)
    {
        var runtime = RuntimeOf(name);
        var program = await GrowingProgram.StartAsync(Guest, runtime);

        await AssertRefusedWhenCheckSaysSoAsync(runtime, program, "reserve", 0, ReservedStep);
    }

    private async Task AssertRefusedWhenCheckSaysSoAsync(
        Runtime runtime,
        GrowingProgram program,
        string how,
        int mebibytes,
        int step
    )
    {
        var trials = new List<ProgramTrial>();
        do
        {
            await program.GrowAsync(how, step);
            mebibytes += step;
            var verdict = await machine.CheckAsync(program.Pid);
            var fork = await program.StartChildAsync(runtime.Call);
            trials.Add(machine.Judge(runtime.Package, runtime.Call, $"{how} {mebibytes} MiB", verdict, fork));
            output.WriteLine(trials[^1].Describe());
        } while (!trials[^1].Trial.Fork.IsRefused && trials.Count < MostSteps);

        machine.Report.Add(trials);

        Assert.True(trials[^1].Trial.Fork.IsRefused, "No child was refused");
        Assert.All(trials, t => Assert.True(t.Trial.Witness == Witness.Agrees, t.Describe()));
        Assert.Equal(
            [.. Enumerable.Repeat((GuestVerdict.CanFork, true), trials.Count - 1), (GuestVerdict.CannotFork, true)],
            trials.Select(t => (t.Verdict.Verdict, t.Verdict.IsExact))
        );
        Assert.NotEqual(1, trials.Count);
        await AssertOtherCallsAsync(runtime, program);
    }

    private async Task AssertOtherCallsAsync(Runtime runtime, GrowingProgram program)
    {
        foreach (var call in runtime.Refusals.Keys.Concat(runtime.Immune))
        {
            var fork = await program.StartChildAsync(call);
            output.WriteLine($"{call}: {fork.Words}");
            Assert.True(fork.Outcome.IsRefused == runtime.Refusals.ContainsKey(call), $"{call}: {fork.Words}");
        }
    }

    /// <summary>Sets the limit of mode 2.</summary>
    private async Task LeaveRoomAsync(GrowingProgram program)
    {
        const long pages = RoomForSteps << (20 - 12);
        var headroom = (await machine.CheckAsync(program.Pid)).Headroom;
        var limit = (await Guest.MeminfoAsync())["CommitLimit"];
        await Guest.SetAsync("vm/overcommit_kbytes", (limit - headroom + pages) * 4);
    }

    private static Runtime RuntimeOf(string name) => name == NodeJs ? Runtime.NodeJs : Runtime.Python;
}
