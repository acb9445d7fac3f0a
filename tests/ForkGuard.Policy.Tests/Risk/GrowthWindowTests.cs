using CsCheck;

namespace ForkGuard.Policy.Tests.Risk;

public class GrowthWindowTests
{
    [Theory]
    [InlineData(4, 60)] // too few samples
    [InlineData(5, 14)] // too short a span
    public void Too_little_is_no_estimate(int samples, double span) =>
        Assert.Null(Line(samples, span / (samples - 1), 100).Estimate());

    [Fact]
    public void Five_samples_over_fifteen_seconds_are_enough() =>
        Assert.Equal(new Growth(6000), Line(5, 3.75, 100).Estimate());

    [Fact]
    public void A_sample_that_is_not_later_than_the_newest_is_ignored()
    {
        var window = Line(5, 15, 100);

        window.Add(Given.At(60), 1_000_000);
        window.Add(Given.At(10), 1_000_000);

        Assert.Equal(new Growth(6000), window.Estimate());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(8)]
    public void One_spike_is_no_growth(int spikeAt)
    {
        var window = new GrowthWindow();
        for (var i = 0; i < 9; i++)
        {
            window.Add(Given.At(i * 15), i == spikeAt ? 1_000_000 : 500);
        }

        Assert.Equal(new Growth(0), window.Estimate());
    }

    [Fact]
    public void What_is_older_than_the_window_is_forgotten()
    {
        var window = Line(20, 15, 1000);
        for (var second = 900; second <= 960; second += 15)
        {
            window.Add(Given.At(second), 7);
        }

        Assert.Equal(new Growth(0), window.Estimate());
    }

    [Fact]
    public void Many_samples_are_thinned_out_and_the_span_is_kept()
    {
        var window = new GrowthWindow();
        // Flat for the first five and a half minutes: seen only by a window that still reaches back to them.
        for (var second = 0; second <= 600; second++)
        {
            window.Add(Given.At(second), Math.Max(0, second - 330) * 1000L);
        }

        var growth = window.Estimate();
        Assert.NotNull(growth);
        Assert.InRange(growth.Value.PerMinute, 1, 45_000);
    }

    [Fact]
    public void A_cleared_window_knows_nothing()
    {
        var window = Line(20, 15, 1000);

        window.Clear();

        Assert.Null(window.Estimate());
    }

    [Fact]
    public void The_widest_numbers_do_not_overflow()
    {
        var window = new GrowthWindow();
        for (var i = 0; i < 6; i++)
        {
            window.Add(Given.At(i * 5), i < 3 ? long.MinValue : long.MaxValue);
        }

        Assert.Equal(new Growth(long.MaxValue), window.Estimate());
        Assert.Equal(long.MaxValue, GrowthWindow.SecondsToLimit(long.MinValue, long.MaxValue, new Growth(1)));
    }

    [Theory]
    [InlineData(500, 1000, 0, null)]
    [InlineData(500, 1000, -1, null)]
    [InlineData(1000, 1000, 60, 0L)]
    [InlineData(1500, 1000, 60, 0L)]
    [InlineData(500, 1000, 60, 500L)]
    [InlineData(999, 1000, 120, 1L)] // half a second: not there yet
    public void Seconds_to_the_limit(long used, long limit, long perMinute, long? seconds) =>
        Assert.Equal(seconds, GrowthWindow.SecondsToLimit(used, limit, new Growth(perMinute)));

    [Fact]
    public void A_line_is_found_among_outliers() =>
        Gen.Select(Gen.Long[-1_000_000, 1_000_000], Gen.Int[10, 41], Gen.Int[0, 1000].HashSet[0, 12], Gen.Long)
            .Sample(
                (perSecond, count, outliers, wild) =>
                {
                    // Under 29 % of bad samples fewer than half of the pairs are bad: the estimator's breakdown point.
                    var bad = outliers.Select(o => o % count).Distinct().Take((count / 4) - 1).ToHashSet();
                    var window = new GrowthWindow();
                    for (var i = 0; i < count; i++)
                    {
                        window.Add(Given.At(i * 15), bad.Contains(i) ? wild : 1_000_000_000 + (perSecond * i * 15));
                    }

                    return window.Estimate() == new Growth(perSecond * 60);
                },
                iter: 2000
            );

    [Fact]
    public void Fewer_than_five_times_are_never_an_estimate() =>
        Gen.Select(Gen.Int[0, 600].Array[1, 4], Gen.Long.Array[50])
            .Sample(
                (times, used) =>
                {
                    var window = new GrowthWindow();
                    for (var i = 0; i < used.Length; i++)
                    {
                        window.Add(Given.At(times[i % times.Length]), used[i]);
                    }

                    return window.Estimate() is null;
                },
                iter: 2000
            );

    private static GrowthWindow Line(int samples, double everySeconds, long perSecond)
    {
        var window = new GrowthWindow();
        for (var i = 0; i < samples; i++)
        {
            window.Add(Given.At(i * everySeconds), (long)(i * everySeconds * perSecond));
        }

        return window;
    }
}
