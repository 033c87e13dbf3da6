package org.caravanserai.security;
import java.util.*;
import org.springframework.stereotype.Component;
@Component
public class Secrets { public String decrypt(byte[] b, UUID id) { return new String(b); } public byte[] encrypt(String s, UUID id) { return s.getBytes(); } }
