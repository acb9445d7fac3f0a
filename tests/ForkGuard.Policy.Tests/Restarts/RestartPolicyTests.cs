using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

public class RestartPolicyTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_spec_that_says_nothing_gets_the_documented_defaults(bool given)
    {
        var policy = RestartPolicy.From(given ? new RestartSpec() : null);

        Assert.Equal(
            new RestartPolicy
            {
                Method = RestartMethod.Evict,
                Cooldown = TimeSpan.FromHours(1),
                MaxConcurrent = 1,
                MinReadyReplicas = 1,
                MaxIneffectiveRestarts = 3,
                GracePeriodSeconds = null,
                AllowLocalStorage = false,
                Windows = policy.Windows,
            },
            policy
        );
        Assert.Empty(policy.Windows);
    }

    [Fact]
    public void Everything_that_is_given_counts()
    {
        RestartWindow[] windows = [new() { Start = "02:00", End = "05:00" }];

        Assert.Equal(
            new RestartPolicy
            {
                Method = RestartMethod.Delete,
                Cooldown = TimeSpan.FromMinutes(2),
                MaxConcurrent = 4,
                MinReadyReplicas = 0,
                MaxIneffectiveRestarts = 5,
                GracePeriodSeconds = 0,
                AllowLocalStorage = true,
                Windows = windows,
            },
            RestartPolicy.From(
                new RestartSpec
                {
                    Method = RestartMethod.Delete,
                    CooldownSeconds = 120,
                    MaxConcurrent = 4,
                    MinReadyReplicas = 0,
                    MaxIneffectiveRestarts = 5,
                    GracePeriodSeconds = 0,
                    AllowLocalStorage = true,
                    Windows = windows,
                }
            )
        );
    }
}
