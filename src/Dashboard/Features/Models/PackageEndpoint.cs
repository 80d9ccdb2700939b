using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Models;

namespace MlTr.Dashboard.Features.Models;

/// <summary>Registered models for download, streamed as they are read.</summary>
internal static class PackageEndpoint
{
    /// <summary>Where a version of a model is served.</summary>
    public static string Href(string model, int version) => FormattableString.Invariant($"/api/models/{Uri.EscapeDataString(model)}/{version}/package.zip");

    public static void MapPackages(this IEndpointRouteBuilder endpoints) => endpoints.MapGet("/api/models/{model}/{version:int}/package.zip", GetAsync);

    internal static async Task<IResult> GetAsync(string model, int version, IMlTrClient client, HttpContext context)
    {
        var pieces = client.ReadModelPackageAsync(model, version, context.RequestAborted).GetAsyncEnumerator(context.RequestAborted);
        try
        {
            await pieces.MoveNextAsync(); // whatever is wrong with the version is said before the first byte
        }
        catch (Exception error) when (error is KeyNotFoundException or ModelRegistryException)
        {
            await pieces.DisposeAsync();
            return Results.Text(error.Message, statusCode: StatusCodes.Status404NotFound);
        }

        context.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Stream(body => WriteAsync(pieces, body, context.RequestAborted), "application/zip", FormattableString.Invariant($"{model}-{version}.zip"));
    }

    private static async Task WriteAsync(IAsyncEnumerator<ImmutableArray<byte>> pieces, Stream body, CancellationToken cancellationToken)
    {
        await using (pieces)
        {
            do
            {
                await body.WriteAsync(pieces.Current.AsMemory(), cancellationToken);
            }
            while (await pieces.MoveNextAsync());
        }
    }
}
