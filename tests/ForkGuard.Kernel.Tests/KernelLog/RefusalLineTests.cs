using System.Text;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.KernelLog;

namespace ForkGuard.Kernel.Tests.KernelLog;

public class RefusalLineTests
{
    [Fact]
    public void Reads_pid_command_and_size_of_a_refusal()
    {
        var refusal = Parse(
            "__vm_enough_memory: pid: 10922, comm: victim, bytes: 25276514304 not enough memory for the allocation"
        );

        Assert.Equal(
            (RefusalKind.Memory, 10922, "victim", 25276514304UL),
            (refusal.Kind, refusal.Pid, refusal.Command, refusal.Bytes)
        );
    }

    [Fact]
    public void Reads_a_refusal_of_a_kernel_that_logs_no_size()
    {
        var refusal = Parse("__vm_enough_memory: pid: 7, comm: sh, no enough memory for the allocation");

        Assert.Equal((7, "sh", 0UL), (refusal.Pid, refusal.Command, refusal.Bytes));
    }

    [Fact]
    public void A_command_cannot_pretend_another_size()
    {
        var refusal = Parse(
            "__vm_enough_memory: pid: 7, comm: a, bytes: 5 not, bytes: 4096 not enough memory for the allocation"
        );

        Assert.Equal(("a, bytes: 5 not", 4096UL), (refusal.Command, refusal.Bytes));
    }

    [Fact]
    public void Counts_refusals_that_the_kernel_did_not_log() =>
        Assert.Equal(12, Parse("__vm_enough_memory: 12 callbacks suppressed").Count);

    [Fact]
    public void Reads_the_cgroup_of_a_pids_refusal() =>
        Assert.Equal("/kubepods/pod1/c", Parse("cgroup: fork rejected by pids controller in /kubepods/pod1/c").Cgroup);

    [Theory]
    [InlineData("")]
    [InlineData("__vm_enough_memory: ")]
    [InlineData("__vm_enough_memory: pid: x, comm: sh, bytes: 1 not enough memory for the allocation")]
    [InlineData("__vm_enough_memory: pid: 1, comm: sh, bytes: x not enough memory for the allocation")]
    [InlineData("__vm_enough_memory: pid: 1, comm: sh, bytes: not enough memory for the allocation")]
    [InlineData("__vm_enough_memory: pid: 99999999999, comm: sh, bytes: 1 not enough memory for the allocation")]
    [InlineData("usb 1-1: new device, cgroup: fork rejected by pids controller in /x")]
    public void Any_other_message_is_no_refusal(string message) =>
        Assert.False(RefusalLine.TryParse(Encoding.UTF8.GetBytes(message), TimeSpan.Zero, out _));

    [Fact]
    public void A_record_of_kmsg_has_its_time_and_its_bytes_unescaped()
    {
        var record =
            "4,899,1736599463,-;__vm_enough_memory: pid: 7, comm: a\\x0ab\\xc3\\xa9, bytes: 1 not enough memory for the allocation\n SUBSYSTEM=x\n"u8;

        Assert.True(KmsgLog.TryParse(record.ToArray(), out var refusal));
        Assert.Equal((TimeSpan.FromMicroseconds(1736599463), "a\nbé"), (refusal.Time, refusal.Command));
    }

    [Fact]
    public void Lines_of_syslog_count_only_after_the_last_that_was_seen()
    {
        var text =
            "<4>[ 1736.599463] __vm_enough_memory: pid: 1, comm: old, bytes: 1 not enough memory for the allocation\n"u8
            + "<6>[ 1737.000000] other\n<4>[ 1738.000001] __vm_enough_memory: pid: 2, comm: new, bytes: 1 not enough memory for the allocation\n"u8;
        var refusals = new List<KernelRefusal>();

        var last = SyslogLog.Parse(text, TimeSpan.FromSeconds(1736) + TimeSpan.FromMicroseconds(599463), refusals);

        Assert.Equal("new", Assert.Single(refusals).Command);
        Assert.Equal(TimeSpan.FromSeconds(1738) + TimeSpan.FromMicroseconds(1), last);
    }

    private static KernelRefusal Parse(string message)
    {
        Assert.True(RefusalLine.TryParse(Encoding.UTF8.GetBytes(message), TimeSpan.Zero, out var refusal));
        return refusal;
    }
}
