using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MlTr.Abstractions.Client;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Models;

/// <summary>Registered models for download.</summary>
internal static class PackageEndpoint
{
    /// <summary>Where a version of a model is served.</summary>
    public static string Href(string model, int version) => FormattableString.Invariant($"/api/models/{Uri.EscapeDataString(model)}/{version}/package.zip");

    public static void MapPackages(this IEndpointRouteBuilder endpoints) => endpoints.MapGet("/api/models/{model}/{version:int}/package.zip", GetAsync);

    internal static Task<IResult> GetAsync(string model, int version, IMlTrClient client, HttpContext context) => ZipDownload.SendAsync(
        client.ReadModelPackageAsync(model, version, context.RequestAborted), FormattableString.Invariant($"{model}-{version}.zip"), context);
}
