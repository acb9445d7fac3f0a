namespace ForkGuard.Symptoms.Tests;

/// <summary>Programs with a mapping larger than RAM and swap, in mode 0.</summary>
public sealed class MemoryTests(SymptomPrograms programs)
{
    [Theory]
    [InlineData(Symptom.ForkMemory, "bash", "/tmp/spawn.sh")]
    [InlineData(Symptom.PythonMemory, "python3", "/tmp/spawn.py")]
    [InlineData(Symptom.NodeMemory, "node", "/tmp/spawn.js")]
    [InlineData(
        Symptom.JavaMemory,
        SymptomPrograms.Java,
        "-Djdk.lang.Process.launchMechanism=FORK",
        "/tmp/Spawn.java",
        "child"
    )]
    public async Task Check_names_the_mapping_behind_a_message(string message, params string[] command)
    {
        await using var program = RunningProgram.Start(
            programs,
            new Circumstances { ReservesMoreThanRam = true },
            command
        );
        await Refusal.OfWaitingProgramAsync(program, message, "LargestMapping");
    }

    [Fact]
    public async Task Check_names_a_pid_namespace_that_has_lost_its_init()
    {
        var circumstances = new Circumstances { Before = "unshare --pid" };
        await using var program = RunningProgram.Start(
            programs,
            circumstances,
            "bash",
            "/tmp/spawn.sh",
            "/usr/bin/true"
        );
        await Refusal.OfWaitingProgramAsync(program, Symptom.ForkMemory, "PidNamespace");
    }
}
