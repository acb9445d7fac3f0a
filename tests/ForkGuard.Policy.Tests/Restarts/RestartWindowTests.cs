using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

public class RestartWindowTests
{
    private static readonly RestartWindow Night = new() { Start = "02:00", End = "05:00" };

    // From Monday to Tuesday; the first of March 2026 is a Sunday.
    private static readonly RestartWindow OverMidnight = new()
    {
        Days = [WeekDay.Mon],
        Start = "22:00",
        End = "02:00",
    };

    [Fact]
    public void Without_a_window_it_is_always_open() => Assert.True(RestartWindows.IsOpen([], Given.Start));

    [Theory]
    [InlineData("2026-03-02T01:59:59.9999999Z", false)]
    [InlineData("2026-03-02T02:00:00Z", true)]
    [InlineData("2026-03-02T04:59:59.9999999Z", true)]
    [InlineData("2026-03-02T05:00:00Z", false)]
    public void The_start_belongs_to_a_window_and_the_end_does_not(string time, bool open) =>
        Assert.Equal(open, IsOpen(Night, time));

    [Theory]
    [InlineData("2026-03-02T02:30:00+01:00", false)]
    [InlineData("2026-03-02T02:30:00-01:00", true)]
    public void Without_a_zone_it_is_in_UTC_whatever_the_clock_of_the_controller(string time, bool open) =>
        Assert.Equal(open, IsOpen(Night, time));

    [Theory]
    [InlineData("2026-03-01T23:00:00Z", false)]
    [InlineData("2026-03-02T01:00:00Z", false)]
    [InlineData("2026-03-02T21:59:00Z", false)]
    [InlineData("2026-03-02T22:00:00Z", true)]
    [InlineData("2026-03-03T00:00:00Z", true)]
    [InlineData("2026-03-03T01:59:00Z", true)]
    [InlineData("2026-03-03T02:00:00Z", false)]
    [InlineData("2026-03-03T22:00:00Z", false)]
    public void A_window_over_midnight_belongs_to_the_day_that_it_starts_on(string time, bool open) =>
        Assert.Equal(open, IsOpen(OverMidnight, time));

    [Theory]
    [InlineData("2026-03-01T23:00:00Z")]
    [InlineData("2026-03-02T01:00:00Z")]
    public void A_window_over_midnight_without_days_is_open_on_both_sides_of_it(string time) =>
        Assert.True(IsOpen(OverMidnight with { Days = null }, time));

    [Theory]
    [InlineData(WeekDay.Sun, 1)]
    [InlineData(WeekDay.Mon, 2)]
    [InlineData(WeekDay.Tue, 3)]
    [InlineData(WeekDay.Wed, 4)]
    [InlineData(WeekDay.Thu, 5)]
    [InlineData(WeekDay.Fri, 6)]
    [InlineData(WeekDay.Sat, 7)]
    public void Each_day_is_that_of_the_calendar_and_no_other(WeekDay day, int date)
    {
        var window = Night with { Days = [day] };

        Assert.Equal(
            [date],
            Enumerable.Range(1, 7).Where(other => IsOpen(window, $"2026-03-{other:00}T03:00:00Z")).ToArray()
        );
    }

    [Fact]
    public void The_day_is_that_of_the_windows_zone() =>
        Assert.True(
            IsOpen(
                new RestartWindow
                {
                    Days = [WeekDay.Mon],
                    Start = "00:00",
                    End = "01:00",
                    TimeZone = "Europe/Berlin",
                },
                "2026-03-01T23:30:00Z"
            )
        );

    [Theory]
    [InlineData("2026-03-28T01:00:00Z", true)] // 02:00 CET
    [InlineData("2026-03-28T03:59:00Z", true)] // 04:59 CET
    [InlineData("2026-03-28T04:00:00Z", false)] // 05:00 CET
    [InlineData("2026-03-29T00:59:00Z", false)] // 01:59 CET
    [InlineData("2026-03-29T01:00:00Z", true)] // 03:00 CEST: there is no 02:00
    [InlineData("2026-03-29T02:59:00Z", true)] // 04:59 CEST
    [InlineData("2026-03-29T03:00:00Z", false)] // 05:00 CEST
    public void When_the_clock_goes_forward_a_window_ends_by_the_new_time(string time, bool open) =>
        Assert.Equal(open, IsOpen(Night with { TimeZone = "Europe/Berlin" }, time));

    [Theory]
    [InlineData("2026-10-24T23:59:00Z", false)] // 01:59 CEST
    [InlineData("2026-10-25T00:00:00Z", true)] // 02:00 CEST
    [InlineData("2026-10-25T01:00:00Z", true)] // 02:00 CET, once more
    [InlineData("2026-10-25T03:59:00Z", true)] // 04:59 CET
    [InlineData("2026-10-25T04:00:00Z", false)] // 05:00 CET
    public void When_the_clock_goes_back_a_window_lasts_an_hour_longer(string time, bool open) =>
        Assert.Equal(open, IsOpen(Night with { TimeZone = "Europe/Berlin" }, time));

    [Fact]
    public void A_window_in_the_hour_that_is_left_out_does_not_open_that_day()
    {
        var window = new RestartWindow
        {
            Start = "02:00",
            End = "03:00",
            TimeZone = "Europe/Berlin",
        };
        var minutes = Enumerable.Range(0, 24 * 60).Select(minute => Time("2026-03-29T00:00:00Z").AddMinutes(minute));

        Assert.DoesNotContain(minutes, minute => RestartWindows.IsOpen([window], minute));
    }

    [Theory]
    [InlineData("Europe/Atlantis")]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    public void A_zone_that_is_not_known_keeps_its_window_closed(string zone) =>
        Assert.False(
            IsOpen(
                new RestartWindow
                {
                    Start = "00:00",
                    End = "23:59",
                    TimeZone = zone,
                },
                "2026-03-02T12:00:00Z"
            )
        );

    [Theory]
    [InlineData(null, "05:00")]
    [InlineData("02:00", null)]
    [InlineData("2:00", "05:00")]
    [InlineData("02:00", "24:00")]
    public void A_window_that_does_not_say_when_stays_closed(string? start, string? end) =>
        Assert.False(IsOpen(new RestartWindow { Start = start, End = end }, "2026-03-02T03:00:00Z"));

    [Fact]
    public void Of_several_windows_one_that_is_open_is_enough()
    {
        var closed = Night with { TimeZone = "Europe/Atlantis" };

        Assert.True(RestartWindows.IsOpen([closed, Night], Time("2026-03-02T03:00:00Z")));
        Assert.False(RestartWindows.IsOpen([closed, Night], Time("2026-03-02T06:00:00Z")));
    }

    private static bool IsOpen(RestartWindow window, string time) => RestartWindows.IsOpen([window], Time(time));

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
