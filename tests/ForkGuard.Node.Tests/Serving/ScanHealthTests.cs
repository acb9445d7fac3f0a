using ForkGuard.Node.Serving;

namespace ForkGuard.Node.Tests.Serving;

public sealed class ScanHealthTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly ManualTime _time = new();
    private readonly ScanHealth _health;

    public ScanHealthTests() => _health = new ScanHealth(_time, Interval);

    [Fact]
    public void It_is_ready_after_the_first_scan()
    {
        Assert.False(_health.IsReady);
        _health.Scanned(Interval);
        Assert.True(_health.IsReady);
    }

    [Fact]
    public void It_is_alive_until_three_scans_and_15_seconds_are_missing()
    {
        _health.Scanned(Interval);
        _time.Pass(44);
        Assert.True(_health.IsAlive);
        _time.Pass(1);
        Assert.False(_health.IsAlive);
        _health.Scanned(Interval);
        Assert.True(_health.IsAlive);
    }

    [Fact]
    public void A_first_scan_that_never_comes_is_no_life()
    {
        Assert.True(_health.IsAlive);
        _time.Pass(45);
        Assert.False(_health.IsAlive);
    }

    [Fact]
    public void A_longer_interval_is_waited_for()
    {
        _health.Scanned(TimeSpan.FromMinutes(10));
        _time.Pass(1800);
        Assert.True(_health.IsAlive);
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _seconds;

        internal void Pass(int seconds) => _seconds += seconds;
    }
}
