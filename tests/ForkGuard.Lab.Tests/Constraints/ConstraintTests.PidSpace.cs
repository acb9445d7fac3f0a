using ForkGuard.Api.Constraints;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Constraints;

public abstract partial class ConstraintTests
{
    private const string PidSpace = nameof(ConstraintType.PidSpace);

    // RESERVED_PIDS (kernel/pid.c): not assigned again once the pids have wrapped around.
    private const int ReservedPids = 300;

    /// <summary>The stated error is 300 pids: those of the kernel threads are below 300 and count as used.</summary>
    [Theory]
    [InlineData(1200, false)]
    [InlineData(200, true)]
    [InlineData(40, true)]
    public async Task Free_pids_let_a_fork_pass(int free, bool isWithinUncertainty)
    {
        var victim = await StartAsync(Idle);
        await UsePidsAsync(victim, most: free + 100);
        await victim.DoAsync("hold 100");

        ConstraintTrial.AssertRight(
            await machine.TryAsync(
                PidSpace,
                new ConstraintCase(victim, Errno.None)
                {
                    Description = Text($"about {free} pids are free"),
                    IsWithinUncertainty = isWithinUncertainty,
                }
            )
        );
    }

    /// <summary>check cannot start either; a watch that runs already emits an event.</summary>
    [Fact]
    public async Task No_free_pid_refuses_every_fork_and_a_running_watch_reports_it()
    {
        var victim = await StartAsync(Idle);
        await Guest.SpawnAsync("watch", $"{Initramfs.ForkGuard} watch -f {Initramfs.Manifest} --interval 1 -o json");
        Assert.Contains("\"type\":\"Header\"", await Guest.LineAsync("watch"), StringComparison.Ordinal);
        Assert.Contains("\"type\":\"Scan\"", await Guest.LineAsync("watch"), StringComparison.Ordinal);

        // So many that the stated error of 300 pids leaves the warning level below.
        await UsePidsAsync(victim, most: 3000);
        do
        {
            // Ends with the first thread that gets no pid.
            await victim.TellAsync("hold 3000");
        } while ((await victim.ForkAsync()).Error == Errno.None);

        Assert.Equal(Errno.TryAgain, (await victim.ForkAsync()).Error);
        var line = await Guest.LineAsync("watch");
        // With little memory so many threads come near the limit of threads as well.
        while (
            line.Contains("\"type\":\"Scan\"", StringComparison.Ordinal)
            || line.Contains("\"type\":\"Threads\"", StringComparison.Ordinal)
        )
        {
            line = await Guest.LineAsync("watch");
        }

        output.WriteLine(line);
        Assert.Contains(PidSpace, line, StringComparison.Ordinal);
    }

    /// <summary>Uses up the pids below 300 and leaves so many above them.</summary>
    private async Task UsePidsAsync(GuestVictim victim, int most)
    {
        for (var next = 0; next <= ReservedPids; next = await LastPidAsync())
        {
            Assert.Equal(Errno.None, (await victim.ForkAsync()).Error);
        }

        await Guest.SetAsync("kernel/pid_max", ReservedPids + most);
    }

    private async Task<int> LastPidAsync() =>
        int.Parse(
            (await Guest.ReadAsync("/proc/loadavg")).Split(' ')[4],
            System.Globalization.CultureInfo.InvariantCulture
        );
}
