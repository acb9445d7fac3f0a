using ForkGuard.Testing;

namespace ForkGuard.Symptoms.Tests;

/// <summary>Programs in a cgroup that is at its pids limit.</summary>
public sealed class TaskLimitTests(SymptomPrograms programs)
{
    [Theory]
    [InlineData(Symptom.ForkRetry, "bash", "/tmp/spawn.sh")]
    [InlineData(Symptom.ForkTasks, "bash", "/tmp/spawn.sh")]
    [InlineData(Symptom.PythonTasks, "python3", "/tmp/spawn.py")]
    [InlineData(Symptom.NodeTasks, "node", "/tmp/spawn.js")]
    [InlineData(Symptom.JavaTasks, SymptomPrograms.Java, "/tmp/Spawn.java", "child")]
    [InlineData(Symptom.JavaThreads, SymptomPrograms.Java, "/tmp/Spawn.java", "thread")]
    public async Task Check_names_the_limit_behind_a_message(string message, params string[] command)
    {
        await using var cgroup = TestCgroup.Create();
        await using var program = RunningProgram.Start(programs, new Circumstances { Cgroup = cgroup }, command);
        await Refusal.OfWaitingProgramAsync(program, message, "Pids", cgroup);
    }

    [Fact]
    public async Task Check_names_the_limit_of_the_user()
    {
        var circumstances = new Circumstances { Account = "41234:41234", Before = "prlimit --nproc=1" };
        await using var program = RunningProgram.Start(programs, circumstances, "bash", "/tmp/spawn.sh");
        await Refusal.OfWaitingProgramAsync(program, Symptom.ForkRetry, "UserProcesses");
    }
}
