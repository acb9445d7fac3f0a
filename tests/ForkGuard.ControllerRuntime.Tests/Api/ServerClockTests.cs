using System.Net;

namespace ForkGuard.ControllerRuntime.Tests.Api;

public sealed class ServerClockTests
{
    private static readonly DateTimeOffset Date = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly TestTime _time = new();
    private readonly long _start;

    public ServerClockTests()
    {
        _start = _time.GetTimestamp();
    }

    [Fact]
    public async Task The_time_is_that_of_the_last_answer_and_the_time_since()
    {
        ServerClock clock = new(_time);
        Assert.Null(clock.Now);

        await AnswerAsync(clock, Date);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(Date + TimeSpan.FromSeconds(30), clock.Now);

        await AnswerAsync(clock, Date + TimeSpan.FromSeconds(29));
        Assert.Equal(Date + TimeSpan.FromSeconds(29), clock.Now);
    }

    [Theory]
    [InlineData(2 * 3600)]
    [InlineData(-2 * 3600)]
    public async Task A_server_whose_clock_departs_makes_the_time_unknown_until_the_others_agreed_for_a_minute(
        int seconds
    )
    {
        ServerClock clock = new(_time);
        await AnswerAsync(clock, Date);

        await AnswerAsync(clock, Date + TimeSpan.FromSeconds(seconds));
        Assert.Null(clock.Now);

        for (int second = 0; second < 60; second += 10)
        {
            await AnswerAsync(clock, Date + TimeSpan.FromSeconds(second));
            Assert.Null(clock.Now);
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        await AnswerAsync(clock, Date + TimeSpan.FromSeconds(60));
        Assert.Equal(Date + TimeSpan.FromSeconds(60), clock.Now);
    }

    [Theory]
    [InlineData(2 * 3600)]
    [InlineData(-2 * 3600)]
    public async Task Of_servers_that_keep_disagreeing_the_clock_that_is_furthest_behind_gives_the_time(int seconds)
    {
        ServerClock clock = new(_time);
        await DisagreeAsync(clock, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(50));
        Assert.Null(clock.Now);

        await DisagreeAsync(clock, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(100));
        Assert.Equal(Elapsed(Math.Min(0, seconds)), clock.Now);
    }

    [Fact]
    public async Task A_third_clock_makes_the_time_unknown_until_it_agreed_with_itself_for_a_minute()
    {
        ServerClock clock = new(_time);
        await DisagreeAsync(clock, TimeSpan.FromHours(2), TimeSpan.FromMinutes(3));

        await AnswerAsync(clock, Elapsed(-3600));
        Assert.Null(clock.Now);

        for (int second = 0; second < 60; second += 10)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await AnswerAsync(clock, Elapsed(-3600));
        }

        Assert.Equal(Elapsed(-3600), clock.Now);
    }

    [Fact]
    public async Task A_server_that_was_furthest_behind_and_does_not_answer_any_more_moves_no_time_forward()
    {
        ServerClock clock = new(_time);
        await DisagreeAsync(clock, TimeSpan.FromHours(2), TimeSpan.FromMinutes(3));

        for (int minute = 0; minute < 60; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await AnswerAsync(clock, Elapsed(2 * 3600));
        }

        Assert.Equal(Elapsed(0), clock.Now);

        // No cooldown is longer.
        _time.Advance(TimeSpan.FromDays(7));
        await AnswerAsync(clock, Elapsed(2 * 3600));
        Assert.Equal(Elapsed(2 * 3600), clock.Now);
    }

    [Fact]
    public async Task Answers_with_ever_other_dates_leave_the_time_unknown_until_a_server_agrees_with_itself()
    {
        ServerClock clock = new(_time);
        for (int hour = 0; hour < 1000; hour++)
        {
            await AnswerAsync(clock, Elapsed(hour * 3600));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Null(clock.Now);
        for (int second = 0; second <= 60; second += 10)
        {
            await AnswerAsync(clock, Elapsed(0));
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(Elapsed(0), clock.Now);
    }

    [Fact]
    public async Task A_clock_that_was_set_is_followed_once_its_answers_agreed_for_a_minute()
    {
        ServerClock clock = new(_time);
        await AnswerAsync(clock, Date);
        for (int second = 0; second <= 60; second += 10)
        {
            await AnswerAsync(clock, Date - TimeSpan.FromHours(1) + TimeSpan.FromSeconds(second));
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(Date - TimeSpan.FromHours(1) + TimeSpan.FromSeconds(70), clock.Now);
    }

    [Fact]
    public async Task An_answer_without_a_date_changes_nothing()
    {
        ServerClock clock = new(_time);
        await AnswerAsync(clock, Date);
        _time.Advance(TimeSpan.FromSeconds(5));

        await AnswerAsync(clock, date: null);

        Assert.Equal(Date + TimeSpan.FromSeconds(5), clock.Now);
    }

    /// <summary>Two servers answer in turn, every ten seconds; the second one has another clock.</summary>
    private async Task DisagreeAsync(ServerClock clock, TimeSpan ahead, TimeSpan during)
    {
        long start = _time.GetTimestamp();
        for (int number = 0; _time.GetElapsedTime(start) < during; number++)
        {
            await AnswerAsync(clock, Elapsed(number % 2 * ahead.TotalSeconds));
            _time.Advance(TimeSpan.FromSeconds(10));
        }
    }

    /// <summary>The date of a server whose clock is ahead.</summary>
    private DateTimeOffset Elapsed(double ahead) => Date + _time.GetElapsedTime(_start) + TimeSpan.FromSeconds(ahead);

    private static async Task AnswerAsync(ServerClock clock, DateTimeOffset? date)
    {
        DelegatingHandler handler = clock.Handler();
        handler.InnerHandler = new Answer(date);
        using HttpMessageInvoker invoker = new(handler);
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri("http://server/"));
        (await invoker.SendAsync(request, TestContext.Current.CancellationToken)).Dispose();
    }

    private sealed class Answer(DateTimeOffset? date) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            HttpResponseMessage answer = new(HttpStatusCode.OK);
            answer.Headers.Date = date;
            return Task.FromResult(answer);
        }
    }
}
