using ForkGuard.Api;
using ForkGuard.Controller.Evaluation;
using Microsoft.Extensions.Time.Testing;

namespace ForkGuard.Controller.Tests.Evaluation;

public sealed class NodeReadingTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void The_age_of_a_report_counts_from_its_arrival_and_not_from_its_evaluation()
    {
        var readings = new NodeReadings(_time);
        readings.Arrived(Report(0));
        readings.See(Report(0));
        readings.Arrived(Report(15));
        var arrival = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMinutes(4));

        var reading = readings.See(Report(15))!;

        Assert.Equal(arrival, reading.SeenTimestamp);
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public void A_wall_clock_that_is_set_changes_no_age(int seconds)
    {
        var clock = new SetClock();
        var readings = new NodeReadings(clock);
        readings.Arrived(Report(0));
        readings.See(Report(0));

        clock.Passed = TimeSpan.FromSeconds(20);
        clock.Set = TimeSpan.FromSeconds(seconds);

        Assert.Equal(TimeSpan.FromSeconds(20), readings.SilenceOf("node-1"));
    }

    private static NodeForkReport Report(int second) =>
        new()
        {
            Metadata = new ObjectMeta { Name = "node-1" },
            Status = new NodeForkReportStatus { ObservedTime = DateTimeOffset.UnixEpoch.AddSeconds(second) },
        };

    /// <summary>A machine whose wall clock is set, and whose monotonic clock goes on.</summary>
    private sealed class SetClock : TimeProvider
    {
        internal TimeSpan Passed { get; set; }
        internal TimeSpan Set { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(50) + Passed + Set;

        public override long GetTimestamp() => Passed.Ticks;
    }
}
