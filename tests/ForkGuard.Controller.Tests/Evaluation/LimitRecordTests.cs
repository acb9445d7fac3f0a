using ForkGuard.Api;
using ForkGuard.Controller.Evaluation;
using Microsoft.Extensions.Time.Testing;

namespace ForkGuard.Controller.Tests.Evaluation;

public sealed class LimitRecordTests
{
    private static readonly DateTimeOffset ServerTime = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly KernelReport Kernel = new() { OvercommitMode = 0, LimitBytes = 1000 };

    [Theory]
    [InlineData(-600)]
    [InlineData(0)]
    [InlineData(600)]
    public void The_age_of_a_move_is_that_of_the_API_servers_clock(int secondsOff)
    {
        // The controller that noted the move and this one have clocks that differ; both write and read the server's time.
        var time = new FakeTimeProvider(ServerTime.AddSeconds(secondsOff));
        var readings = new NodeReadings(time);
        var reading = Seen(readings, time);
        var moved = LimitRecord.After(new LimitRecord(2, 500, ChangedTime: null), Kernel, ServerTime);

        var noted = readings.Note(reading, moved.ChangedTime, ServerTime.AddMinutes(3));

        Assert.Equal(TimeSpan.FromMinutes(3), noted.LimitChangedAgo);
    }

    [Fact]
    public void While_the_servers_time_is_unknown_an_inherited_move_counts_as_one_of_now()
    {
        var time = new FakeTimeProvider(ServerTime);
        var readings = new NodeReadings(time);

        var noted = readings.Note(Seen(readings, time), ServerTime.AddHours(-1), now: null);

        Assert.Equal(TimeSpan.Zero, noted.LimitChangedAgo);
    }

    [Fact]
    public void While_the_servers_time_is_unknown_a_move_is_kept_for_later()
    {
        var known = new LimitRecord(2, 500, ChangedTime: null);

        Assert.Same(known, LimitRecord.After(known, Kernel, now: null));
        Assert.Equal(ServerTime, LimitRecord.After(known, Kernel, ServerTime).ChangedTime);
    }

    private static NodeReading Seen(NodeReadings readings, FakeTimeProvider time)
    {
        for (var scan = 0; scan < 2; scan++)
        {
            time.Advance(TimeSpan.FromSeconds(15));
            readings.See(
                new NodeForkReport
                {
                    Metadata = new ObjectMeta { Name = "node-1" },
                    Status = new NodeForkReportStatus { ObservedTime = time.GetUtcNow(), Kernel = Kernel },
                }
            );
        }

        return readings.Of("node-1")!;
    }
}
