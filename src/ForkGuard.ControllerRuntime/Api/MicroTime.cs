using System.Globalization;

namespace ForkGuard.ControllerRuntime;

/// <summary>
/// Kubernetes' MicroTime, which always has six digits of a second; the client's own converter leaves them out of a whole
/// second, and the server then refuses the object (apimachinery, <c>pkg/apis/meta/v1/micro_time.go</c>).
/// </summary>
internal static class MicroTime
{
    public static string Now(TimeProvider time) =>
        time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
