using System.Globalization;

namespace ForkGuard.ControllerRuntime;

/// <summary>
/// Kubernetes' MicroTime, which always has six digits of a second; the client's own converter leaves them out of a whole
/// second, and the server then refuses the object (apimachinery, <c>pkg/apis/meta/v1/micro_time.go</c>).
/// </summary>
internal static class MicroTime
{
    public static string Now(TimeProvider time) => Text(time.GetUtcNow());

    public static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Kubernetes' Time, which has whole seconds.</summary>
    public static string Seconds(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
