using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests;

/// <summary>A user without root on a machine whose /proc is mounted with hidepid, as hardened hosts have it.</summary>
[Trait("Needs", "Machine")]
public sealed class HiddenProcessTests
{
    private const string Hidden = "hidepid";

    public HiddenProcessTests() => Machine.MustLetTheTestsBecomeNobody();

    [Theory]
    [InlineData("1")]
    [InlineData("no-such-program")]
    public async Task Check_does_not_claim_that_a_hidden_process_does_not_exist(string process)
    {
        var result = await RunAsync("check", process);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains(Hidden, result.StandardOutput + result.StandardError, StringComparison.Ordinal);
        Assert.Contains("CAP_SYS_PTRACE", result.StandardOutput + result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Top_names_the_reason_for_a_short_list()
    {
        var result = await RunAsync("top");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(Hidden, result.StandardOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text", Hidden)]
    [InlineData("json", "\"hidesProcesses\":true")]
    public async Task Watch_once_ends_with_3_and_names_the_reason(string format, string expected)
    {
        using var folder = WatchFolder.OfItsCommand();

        var result = await RunAsync("watch", "--once", "-f", folder.Root, "-o", format);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains(expected, result.StandardOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Root_has_no_hidden_process()
    {
        var result = await RunAsync(asNobody: false, "top");

        Assert.DoesNotContain(Hidden, result.StandardOutput, StringComparison.Ordinal);
    }

    private static Task<BufferedCommandResult> RunAsync(params string[] arguments) =>
        RunAsync(asNobody: true, arguments);

    private static async Task<BufferedCommandResult> RunAsync(bool asNobody, params string[] arguments)
    {
        using var user = asNobody ? Nobody.ToRun(ForkGuardBinary.Path) : Nobody.NotNeeded(ForkGuardBinary.Path);
        string[] program = [user.Program, .. user.Leading, .. arguments];
        return await CliWrap
            .Cli.Wrap("unshare")
            .WithArguments(["-m", "sh", "-c", "mount -t proc -o hidepid=2 proc /proc && exec \"$@\"", "sh", .. program])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(Check.Stop);
    }
}
