using System.Text.RegularExpressions;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>As in a container for which lxcfs makes up /proc/meminfo: the kernel goes on counting the machine.</summary>
[Trait("Needs", "Machine")]
public sealed partial class TrustTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-trust-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_numbers_of_this_machine_are_the_kernels() => Assert.Null(Live.State().Distrust);

    [Fact]
    public void A_meminfo_that_another_file_system_provides_gives_no_verdict()
    {
        var fake = Path.Combine(_folder.FullName, "meminfo");
        File.WriteAllText(fake, MemTotal().Replace(File.ReadAllText("/proc/meminfo"), "MemTotal: 4194304 kB"));

        RunWith(
            fake,
            "/proc/meminfo",
            () =>
            {
                var state = Live.State();
                Assert.Contains("/proc/meminfo is not the kernel's", state.Distrust, StringComparison.Ordinal);
                var assessment = Live.Inspect(Environment.ProcessId).Assessment;
                Assert.Equal((Verdict.Unknown, false), (assessment.Verdict, assessment.IsExact));
            }
        );
    }

    [Fact]
    public void A_mode_that_another_file_system_provides_gives_no_verdict()
    {
        var fake = Path.Combine(_folder.FullName, "overcommit_memory");
        File.WriteAllText(fake, "1\n");

        RunWith(
            fake,
            "/proc/sys/vm/overcommit_memory",
            () =>
            {
                Assert.Equal(OvercommitMode.Always, Live.State().Mode);
                Assert.Equal(Verdict.Unknown, Live.Inspect(Environment.ProcessId).Assessment.Verdict);
            }
        );
    }

    [Theory]
    [InlineData("loadavg", "0.1 0.2 0.3 1/100000000 4711\n", true, true)]
    [InlineData("sys/kernel/threads-max", "1\n", true, false)]
    [InlineData("sys/kernel/pid_max", "301\n", false, true)]
    public void Tasks_or_a_limit_that_another_file_system_provides_give_no_verdict(
        string file,
        string content,
        bool ofThreads,
        bool ofPids
    )
    {
        var fake = Path.Combine(_folder.FullName, "fake");
        File.WriteAllText(fake, content);

        RunWith(
            fake,
            $"/proc/{file}",
            () =>
            {
                using var checks = new LiveChecks();
                var readings = checks.Read(Environment.ProcessId).Readings;
                Assert.Equal(ofThreads, IsForeign(ConstraintType.Threads));
                Assert.Equal(ofPids, IsForeign(ConstraintType.PidSpace));

                bool IsForeign(ConstraintType type)
                {
                    var reading = Assert.Single(readings, reading => reading.Type == type);
                    Assert.False(reading.Refuses);
                    return reading.Problem?.Contains($"/proc/{file} is not the kernel's", StringComparison.Ordinal)
                        == true;
                }
            }
        );
    }

    [Fact]
    public void An_uptime_that_another_file_system_provides_makes_no_process_older_or_younger()
    {
        var fake = Path.Combine(_folder.FullName, "uptime");
        File.WriteAllText(fake, "1.00 1.00\n");
        var before = Uptime.Read(new ProcRoot()).SinceBoot!.Value;

        RunWith(
            fake,
            "/proc/uptime",
            () =>
                Assert.InRange(
                    Uptime.Read(new ProcRoot()).SinceBoot!.Value - before,
                    TimeSpan.Zero,
                    TimeSpan.FromMinutes(1)
                )
        );
    }

    private static void RunWith(string source, string target, Action action) =>
        Assert.SkipUnless(MountNamespace.TryRun(source, target, action), "mounts of one's own need CAP_SYS_ADMIN");

    [GeneratedRegex("MemTotal: *[0-9]+ kB", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MemTotal();
}
