using ForkGuard.Api;
using ForkGuard.Host.Systemd;

namespace ForkGuard.Host.Tests;

/// <summary>The evidence goes, or the watch changes, while systemd is slow.</summary>
public sealed class LateEvidenceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_restart_that_is_no_longer_wanted_at_a_read_before_the_call_is_not_made(int read)
    {
        using Bench bench = new();
        await bench.ScanAsync(isWanted: false);
        var reads = 0;
        bench.Systemd.OnRead = () =>
        {
            if (++reads == read)
            {
                bench.ScanMeanwhile(isWanted: false);
            }
        };
        await bench.ScanAsync();
        Assert.True(reads >= read);
        Assert.Equal(0, bench.Systemd.Restarts);
    }

    [Fact]
    public async Task A_request_without_an_answer_is_not_repeated_while_polkit_may_still_allow_the_first()
    {
        using Bench bench = new();
        bench.Systemd.Refusal = new SystemdException("no answer");
        await bench.ScanAsync();
        await bench.ScanAsync(after: TimeSpan.FromSeconds(15));
        await bench.ScanAsync(after: TimeSpan.FromSeconds(15));
        await bench.ScanAsync(after: TimeSpan.FromSeconds(15));
        Assert.Equal(1, bench.Systemd.Requests);

        bench.Systemd.Refusal = null;
        await bench.ScanAsync(after: TimeSpan.FromSeconds(15));
        Assert.Equal(1, bench.Systemd.Restarts);
    }

    [Fact]
    public async Task A_clock_that_is_set_forward_does_not_end_the_cooldown()
    {
        using Bench bench = new();
        await bench.ScanAsync();
        await bench.ScanAsync(isWanted: false);
        bench.ClockIsAhead = TimeSpan.FromHours(2);
        await bench.ScanAsync(isWanted: false);
        await bench.ScanAsync(after: TimeSpan.FromMinutes(30));
        Assert.Equal(1, bench.Systemd.Restarts);
        await bench.ScanAsync(after: TimeSpan.FromMinutes(31));
        Assert.Equal(2, bench.Systemd.Restarts);
    }

    [Fact]
    public async Task Growth_before_a_restart_by_hand_is_no_growth_after_it()
    {
        using Bench bench = new();
        var now = bench.Time.GetUtcNow();
        bench.SettledTime = now.AddHours(-2);
        bench.Systemd.RestartByHand();
        bench.Systemd.State = bench.Systemd.State with { StartedTime = now.AddHours(-1) };
        bench.Percent = 92;
        await bench.ScanAsync();
        bench.Percent = 93;
        await bench.ScanAsync();
        Assert.Equal(0, bench.Systemd.Restarts);
        Assert.Contains("NotGrowing", Assert.Single(bench.Events), StringComparison.Ordinal);

        bench.Percent = 94;
        await bench.ScanAsync();
        Assert.Equal(1, bench.Systemd.Restarts);
    }

    [Fact]
    public async Task A_copy_of_a_record_does_not_replace_it_when_the_clock_is_set_forward()
    {
        using Bench bench = new();
        await bench.ScanAsync();
        var record = Path.Combine(bench.Folder!, $"{FakeSystemd.Unit}.json");
        bench.Percent = 5;
        File.Copy(record, Path.Combine(bench.Folder!, "a-copy.json"));
        await bench.ScanAsync(isWanted: false);
        bench.ClockIsAhead = TimeSpan.FromHours(2);
        await bench.ScanAsync(isWanted: false, after: TimeSpan.FromMinutes(61));
        File.Delete(Path.Combine(bench.Folder!, "a-copy.json"));
        Assert.Equal(RestartResult.Helped, bench.Record!.Result);
    }
}
