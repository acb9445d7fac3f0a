using System.Net;

namespace ForkGuard.ControllerRuntime.Tests.Api;

public sealed class ServerClockTests
{
    private static readonly DateTimeOffset Date = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly TestTime _time = new();

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

    [Fact]
    public async Task Servers_that_keep_disagreeing_leave_the_time_unknown()
    {
        ServerClock clock = new(_time);
        await AnswerAsync(clock, Date);
        for (int second = 0; second < 600; second += 10)
        {
            await AnswerAsync(clock, Date + TimeSpan.FromSeconds(second) + TimeSpan.FromHours(second / 10 % 2 * 2));
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Null(clock.Now);
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
