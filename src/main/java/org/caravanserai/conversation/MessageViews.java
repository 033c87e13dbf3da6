package org.caravanserai.conversation;
import java.util.*;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
@Component
public class MessageViews { public Optional<Map<String,Object>> find(JdbcClient j, UUID id) { return j.sql("select id,text,status from messages where id=?").param(id).query().listOfRows().stream().findFirst(); } }
