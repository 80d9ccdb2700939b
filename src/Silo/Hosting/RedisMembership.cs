using Orleans.Clustering.Redis;
using StackExchange.Redis;

namespace MlTr.Silo.Hosting;

/// <summary>A hash in Redis, one for each cluster id.</summary>
internal sealed class RedisMembership(string address) : Membership
{
    private const string Example = "redis:6379,password=...";
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    /// <summary>What is wrong with an address, in one line that says what to do, or null.</summary>
    public static string? Check(string address)
    {
        try
        {
            return ConfigurationOptions.Parse(address).EndPoints.Count > 0 ? null : $"Platform:Membership names no server: use one such as '{Example}'.";
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            return $"Platform:Membership is no address of a Redis server ({error.Message.ReplaceLineEndings(" ")}): use one such as '{Example}'.";
        }
    }

    public override void EnsureReady()
    {
        var options = Options();
        options.AbortOnConnectFail = true;
        options.ConnectRetry = 1;
        options.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
        try
        {
            using var redis = ConnectionMultiplexer.Connect(options);
            redis.GetDatabase().Ping();
        }
        catch (Exception error) when (error is RedisException or RedisTimeoutException)
        {
            throw new PlatformException(
                $"Redis at {string.Join(',', options.EndPoints)} cannot be used ({error.Message.ReplaceLineEndings(" ")}): start it, or correct Platform:Membership.", error);
        }
    }

    public override void Configure(ISiloBuilder silo) => silo.UseRedisClustering(Configure);

    public override void Configure(IClientBuilder client) => client.UseRedisClustering(Configure);

    private void Configure(RedisClusteringOptions clustering) => clustering.ConfigurationOptions = Options();

    private ConfigurationOptions Options()
    {
        var options = ConfigurationOptions.Parse(address);
        options.AbortOnConnectFail = false; // one that is away for a while is connected to again
        return options;
    }
}
