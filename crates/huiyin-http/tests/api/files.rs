//! Files through the API: stored, named by a command, read.

use axum::body::{Body, Bytes};
use huiyin_app::{Role, Scope, files::MAX_SIZE};
use serde_json::json;

use crate::common::{Server, servers};

const PDF: &str = "%PDF-1.7\nan invented page";

async fn cast(server: &Server) -> (String, String, String) {
    let agent = server.caller("agent", Role::Agent, "call-centre").await;
    let office = server.caller("office", Role::Office, "office").await;
    let officer = server.caller("officer", Role::Officer, "water").await;
    (agent, office, officer)
}

async fn store(server: &Server, token: &str, name: &str, body: impl Into<Body>) -> crate::common::Answer {
    server.raw(token, "POST", &format!("/api/v1/files?name={name}"), &[], body).await
}

#[tokio::test]
async fn a_file_is_stored_given_and_read_under_safe_headers() {
    for server in servers().await {
        let (agent, office, officer) = cast(&server).await;
        let kept = store(&server, &agent, "../%E7%8E%B0%E5%9C%BA%20%22a%22.pdf", PDF).await.expect(201);
        assert_eq!((kept["name"].as_str(), kept["size"].as_u64()), (Some("现场 a.pdf"), Some(PDF.len() as u64)));
        let new = json!({ "body": "楼上漏水", "kind": "help", "subject": "090201", "files": [kept["id"]] });
        let no = server.post(&agent, "/api/v1/orders", &new).await.expect(201)["no"].as_str().unwrap().to_owned();
        server.command(&office, &no, "dispatch", &json!({ "lead": "water" })).await.expect(200);
        let order = server.get(&officer, &format!("/api/v1/orders/{no}")).await.expect(200);
        assert_eq!(order["files"][0]["digest"], kept["digest"]);
        let path = format!("/api/v1/orders/{no}/files/{}", kept["id"].as_str().unwrap());
        let read = server.get(&officer, &path).await;
        assert_eq!((read.status.as_u16(), read.text.as_str()), (200, PDF));
        assert_eq!(read.header("content-type"), "application/pdf");
        assert_eq!(
            read.header("content-disposition"),
            "attachment; filename=\"file.pdf\"; filename*=UTF-8''%E7%8E%B0%E5%9C%BA%20a.pdf"
        );
        assert_eq!(read.header("x-content-type-options"), "nosniff");
        assert_eq!(read.header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(read.header("cache-control"), "no-store");
        let stranger = server.caller("stranger", Role::Officer, "human-resources").await;
        server.get(&stranger, &path).await.problem(404, "not_found");
        let other = path.replace(&no, "20261012-9999");
        server.get(&officer, &other).await.problem(404, "not_found");
        let writes = server.token("officer", &[Scope::OrdersWrite]).await;
        server.get(&writes, &path).await.problem(403, "token.scope");
    }
}

#[tokio::test]
async fn what_is_no_such_file_is_told_clearly() {
    for server in servers().await {
        let (agent, ..) = cast(&server).await;
        let wrong = store(&server, &agent, "a.jpg", "<html></html>").await.problem(400, "input.invalid");
        assert!(wrong["field"] == "file" && wrong["detail"].as_str().unwrap().contains("jpg png heic"), "{wrong}");
        store(&server, &agent, "a.jpg", "").await.problem(400, "input.invalid");
        let long = [("content-length", (MAX_SIZE + 100_000).to_string())];
        let headers: Vec<(&str, &str)> = long.iter().map(|(name, value)| (*name, value.as_str())).collect();
        server.raw(&agent, "POST", "/api/v1/files", &headers, PDF).await.problem(413, "too_large");
        let unknown = server.raw(&agent, "POST", "/api/v1/files?nmae=x", &[], PDF).await.problem(400, "input.invalid");
        assert_eq!(unknown["field"], "nmae");
        // A body that breaks off.
        let parts: [Result<Bytes, std::io::Error>; 2] =
            [Ok(Bytes::from_static(PDF.as_bytes())), Err(std::io::ErrorKind::ConnectionReset.into())];
        let broken = Body::from_stream(futures_util::stream::iter(parts));
        store(&server, &agent, "a.pdf", broken).await.problem(400, "input.invalid");
        assert_eq!(server.test.files.older_than("sanya", huiyin_core::time::Instant(i64::MAX)).await.unwrap().len(), 0);
        // Named by a command before it is stored, or twice.
        let new = |files| json!({ "body": "楼上漏水", "files": files });
        let none = server.post(&agent, "/api/v1/orders", &new(json!(["none"]))).await.problem(400, "input.invalid");
        assert_eq!(none["field"], "files");
        let key = [("idempotency-key", "k-1")];
        let send = async || server.raw(&agent, "POST", "/api/v1/files", &key, PDF).await.expect(201);
        let kept = send().await;
        assert_eq!(send().await, kept);
        let other = server.raw(&agent, "POST", "/api/v1/files", &key, "%PDF-1.4").await;
        other.problem(409, "key.reused");
        server.post(&agent, "/api/v1/orders", &new(json!([kept["id"]]))).await.expect(201);
        server.post(&agent, "/api/v1/orders", &new(json!([kept["id"]]))).await.problem(400, "input.invalid");
    }
}

#[tokio::test]
async fn a_large_body_goes_past_the_limit_of_other_bodies() {
    let server = servers().await.remove(0);
    let (agent, ..) = cast(&server).await;
    let body = format!("{PDF}{}", " ".repeat(3 * 1024 * 1024));
    assert_eq!(store(&server, &agent, "a.pdf", body.clone()).await.expect(201)["size"], body.len());
}

#[tokio::test]
async fn a_file_is_stored_from_a_form_in_parts_too() {
    let server = servers().await.remove(0);
    let (agent, ..) = cast(&server).await;
    let send = async |body: String| {
        let headers = [("content-type", "multipart/form-data; boundary=XX"), ("idempotency-key", "parts-1")];
        server.raw(&agent, "POST", "/api/v1/files", &headers, body).await
    };
    let form = |disposition: &str, content: &str| {
        format!(
            "--XX\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nx\r\n\
             --XX\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: image/jpeg\r\n\r\n{content}\r\n--XX--\r\n"
        )
    };
    let good = form("name=\"file\"; filename=\"../a.php\"", PDF);
    let kept = send(good.clone()).await.expect(201);
    assert_eq!((kept["name"].as_str(), kept["media"].as_str()), (Some("a.php.pdf"), Some("application/pdf")));
    assert_eq!(send(good).await.expect(201), kept, "sent again it is one file");
    let none = send(form("name=\"file\"", PDF)).await.problem(400, "input.invalid");
    assert!(none["detail"].as_str().unwrap().contains("file name"), "{none}");
    send("--YY\r\n".into()).await.problem(400, "input.invalid");
    let long = form("name=\"file\"; filename=\"a.pdf\"", &format!("{PDF}{}", " ".repeat(MAX_SIZE as usize)));
    send(long).await.problem(413, "too_large");
}

#[tokio::test]
async fn a_file_in_disguise_is_not_taken() {
    let server = servers().await.remove(0);
    let (agent, ..) = cast(&server).await;
    let archive = [&b"PK\x05\x06"[..], &[0; 18]].concat();
    let jpg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x02\0\0\x48\0\x48\0\0\xff\xda\0\x02\x01\xff\xd9";
    for (name, body) in [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec()),
        ("a.png", b"\xef\xbb\xbf<?xml version='1.0'?><svg/>".to_vec()),
        ("a.pdf", b"<!doctype html><script>alert(1)</script>%PDF-1.7".to_vec()),
        ("a.jpg", b"GIF89a<script>".to_vec()),
        ("a.pdf", [PDF.as_bytes(), &archive].concat()),
        ("a.jpg", [&jpg[..], &archive].concat()),
        ("a.docx", [&b"PK\x03\x04[Content_Types].xml word/"[..], &[0; 500]].concat()),
        ("a.amr", b"#!AMR\n#!/bin/sh\nrm -rf".to_vec()),
        ("a.mp4", b"\0\0\0\x18ftypisom\0\0\0\0isommp42<html><script>".to_vec()),
        ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic<html>".to_vec()),
    ] {
        let answer = store(&server, &agent, name, body).await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.text);
    }
    assert_eq!(server.test.files.older_than("sanya", huiyin_core::time::Instant(i64::MAX)).await.unwrap().len(), 0);
}
